import type { EventType } from '#domain';

/** From the lowest to the highest, both included. */
type Range = readonly [low: number, high: number];

/** What an event's amount is: this customer's usual money around a median, minutes, or a score near the top. */
export type Amount =
  | { readonly money: number }
  | { readonly minutes: number }
  | { readonly score: readonly [worst: number, best: number] };

/** One event of an occasion. */
export interface Step {
  readonly type: EventType;
  /** How likely it is, 0 to 1; left out: it always happens. */
  readonly chance?: number;
  /** Hours since the step before it. */
  readonly after?: Range;
  readonly amount?: Amount;
  /** Only where this one happened. */
  readonly followedBy?: readonly Step[];
}

/** Something that a customer, or the company with them, does time and again. */
export interface Habit {
  /** Part of the customers who have it, 0 to 1. */
  readonly share: number;
  /** Mean days from one occasion to the next. Each customer has a mean of their own in this range, short ones more often. */
  readonly everyDays: Range;
  /** How far a gap departs from the mean: 0.02 like a salary, 0.5 loosely, 1 at any time (exponential). */
  readonly spread: number;
  /** Sunday to Saturday: how likely compared with the days beside it. */
  readonly weekdays?: readonly number[];
  /** Comes to everybody at the same instants: a price list, a campaign. */
  readonly together?: true;
  readonly does: readonly Step[];
}

/**
 * The first habit is what customers of the trade come for. Everybody has it, and newcomers and returners begin with it, so
 * its first step happens always and at once.
 */
export interface TradeProfile {
  readonly habits: readonly [Habit, ...Habit[]];
  /** The company has an app or a site, whose events name platform and store. */
  readonly hasApp: boolean;
}
