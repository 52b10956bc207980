import type { EventType } from './activity-event.js';

interface SignalBase {
  readonly name: string;
  readonly unit: string;
  readonly description: LocalText;
  readonly events: readonly EventType[];
}

/** A text in every language the product speaks. */
export interface LocalText {
  readonly en: string;
  readonly zh: string;
}
export const locales = ['en', 'zh'] as const;
export type Locale = (typeof locales)[number];

/**
 * A span of the past: from `fromMs` ago up to `toMs` ago (0: now).
 * Edges fall on whole hours up to 35 days back and on whole UTC days beyond.
 */
export interface Lookback {
  readonly fromMs: number;
  readonly toMs: number;
}
/** Beyond this a lookback's edges fall on whole days. */
export const hourExactMs = 35 * 86_400_000;

/** What is added up over a window. */
export type Measure = 'count' | 'sum' | 'active-days';

/** The customer's own mean gap between active days is pulled towards `priorGapDays`, and null below `minimumActiveDays`. */
interface OwnRhythm {
  readonly priorGapDays: number;
  readonly minimumActiveDays: number;
}

/** A named number read from one customer's windows at an instant. Null when the customer's history cannot carry it. */
export type Signal =
  /** How many events in the lookback. */
  | (SignalBase & { readonly kind: 'count'; readonly lookback: Lookback })
  /** Sum of their amounts. */
  | (SignalBase & { readonly kind: 'sum'; readonly lookback: Lookback })
  /** Sum of their amounts divided by how many they are, an absent amount as 0. Null when there are none. */
  | (SignalBase & { readonly kind: 'mean'; readonly lookback: Lookback })
  /** On how many different UTC days. */
  | (SignalBase & { readonly kind: 'active-days'; readonly lookback: Lookback })
  /** How many of the events of the types `among` are of the types `events`: 0 to 1. Null when there are none of `among`. */
  | (SignalBase & { readonly kind: 'share'; readonly among: readonly EventType[]; readonly lookback: Lookback })
  /**
   * The measure per day in the lookback, divided by the measure per day in the `baselineMs` just before it: 1 is as usual.
   * Null while the baseline's measure is below `minimum`.
   */
  | (SignalBase & {
      readonly kind: 'ratio';
      readonly of: Measure;
      readonly lookback: Lookback;
      readonly baselineMs: number;
      readonly minimum: number;
    })
  /**
   * Slope of the least-squares line through the events of each of the last `weeks` times seven whole UTC days before
   * today: events a week, more each week. Null until the first event lies that long ago.
   */
  | (SignalBase & { readonly kind: 'trend'; readonly weeks: number })
  /** Days since the last one. */
  | (SignalBase & { readonly kind: 'silence' })
  /** Days since the first one. */
  | (SignalBase & { readonly kind: 'tenure' })
  /**
   * The customer's own mean gap between active days, shrunk towards the population's:
   * (span + 3 g) / (n + 2) days, where g is `priorGapDays` and n the number of active days.
   */
  | (SignalBase & OwnRhythm & { readonly kind: 'usual-gap' })
  /** `silence` divided by `usual-gap`. */
  | (SignalBase & OwnRhythm & { readonly kind: 'overdue' })
  /** Robust spread of the gaps between active days: 1.4826 times the median distance from their median. */
  | (SignalBase & { readonly kind: 'gap-spread'; readonly minimumActiveDays: number })
  /**
   * On how many of the days that have passed since the last active one the customer would usually have come, by their own
   * days of the week, rounded down; see `missedDaysCap`. `specialDays` (UTC days since 1970, in order) are days on which
   * nobody is expected and from which nothing is learned.
   */
  | (SignalBase & OwnRhythm & { readonly kind: 'missed-days'; readonly specialDays: readonly number[] })
  /** Days since the oldest `events` entry that came after the last of `closedBy`; 0 when nothing is open. */
  | (SignalBase & { readonly kind: 'open-for'; readonly closedBy: readonly EventType[] });

/** `missed-days` counts no further: who is long gone need not be looked at for ever. */
export const missedDaysCap = 30;
/** How many weeks the days of the week are pulled towards the customer's own mean. */
export const weekdayPriorWeeks = 4;

export type SignalKind = Signal['kind'];
export type SignalValues = Readonly<Record<string, number | null>>;

/** Those that grow evenly with time; the others move in steps. */
export const growingKinds: ReadonlySet<SignalKind> = new Set(['silence', 'tenure', 'overdue', 'open-for']);
