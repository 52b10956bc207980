import type { EpochMs, EventType } from '#domain';
import { DAY } from '#domain';
import type { CustomerPast, Pace } from '../hazard/customer-past.js';

/** What a score foretells of everybody at risk: no activity in (t, t + horizon], or an event of this type in it. */
export interface Outcome {
  /** Null: that nothing comes. */
  readonly event: EventType | null;
  readonly horizonMs: number;
}

/** Where pasts and what came after them are read. */
export interface Panel {
  /** Of everybody who had ever been active. Windows end at `asOf`; nothing after `knownUpTo` has any influence. */
  pasts(knownUpTo: EpochMs, asOf: EpochMs, pace: Pace): Promise<readonly CustomerPast[]>;
  /** Who was active, or did what the outcome names, in (after, upTo], and when first. */
  deeds(after: EpochMs, upTo: EpochMs): Promise<ReadonlyMap<string, EpochMs>>;
}

/** How long somebody may have been silent and is still asked of. */
export const atRiskMs = ({ horizonMs }: Outcome): number => Math.max(90 * DAY, horizonMs);

/**
 * Whom it is worth asking of: active within the larger of 90 days and the horizon, as where rules are measured. Who did what the
 * score foretells, and nothing since, has left already.
 */
export const isAtRisk = ({ lastAt, markedAt }: CustomerPast, at: EpochMs, outcome: Outcome): boolean =>
  lastAt >= at - atRiskMs(outcome) && (outcome.event === null || markedAt === null || markedAt <= lastAt);

/** True when the outcome came: `deed` is whether something was found in the horizon. */
export const outcomeOf = ({ event }: Outcome, deed: boolean): boolean => (event === null ? !deed : deed);

/** As it is asked for, and shown. */
export const labelText = ({ event }: Outcome): string => (event === null ? 'no activity' : `event ${event}`);
