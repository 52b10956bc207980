import type { EventType } from './activity-event.js';
import { engagementTypes } from './activity-event.js';
import type { CustomerId, TenantId } from './ids.js';
import { DAY } from './time.js';
import type { EpochMs } from './time.js';

/** Where a customer is on the way in, out or back. */
export const stages = ['new', 'active', 'slipping', 'dormant', 'churned', 'returned'] as const;
export type Stage = (typeof stages)[number];

/**
 * A silence that lasts so long: the larger of a fixed time and so many of the customer's own usual gaps, as they were
 * when the silence began.
 */
export interface SilenceBound {
  readonly afterMs: number;
  readonly gaps: number;
}

/**
 * When a pack's customer counts as lost. A customer's stage at an instant is read from their activity up to then alone:
 * `churned`, `dormant` or `slipping` by how long they have been silent; otherwise `new` in the first `newForMs`, `returned`
 * for as long after they came back from having churned, or `active`. Without activity there is no stage.
 *
 * `newForMs` is no longer than `churned.afterMs`, and that at least a day: so the first activity within the last
 * `newForMs` is the only one that can have ended a churn, and whole days of the past suffice to tell.
 */
export interface ChurnDefinition {
  /** Hash of all that shapes a stage; a move names it. */
  readonly version: string;
  /** What counts as activity. */
  readonly events: readonly EventType[];
  /** The usual gap is shrunk towards this one: see the signal `usual-gap`. */
  readonly priorGapDays: number;
  readonly newForMs: number;
  readonly slipping: SilenceBound;
  readonly dormant: SilenceBound;
  readonly churned: SilenceBound;
}

/** What a customer's worth is counted by. */
export interface ValueDefinition {
  /** Events whose amounts are spend. */
  readonly earns: readonly EventType[];
  /** Events whose amounts take spend back. */
  readonly givesBack: readonly EventType[];
}

/** One move from stage to stage. Written once, never changed. */
export interface StageMove {
  /** Hash of tenant, customer and sequence: repeating a decision gives the same id. */
  readonly id: string;
  /** Counts this customer's moves from 1: the greatest is the newest, whatever any clock says. */
  readonly sequence: number;
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  /** Version of the churn definition. */
  readonly definition: string;
  /** Null: nothing had been said of the customer before. */
  readonly from: Stage | null;
  readonly to: Stage;
  readonly becameDueAt: EpochMs;
  readonly detectedAt: EpochMs;
  /**
   * Not null when an event that came late had the stages decided anew: whatever was said from that instant on is replaced
   * by this move and those that follow. A move that became due before that instant restores what had been so all along.
   */
  readonly amends: EpochMs | null;
}

/** True of a move that only takes back others: nothing happened to the customer then. */
export const restoresStage = (move: Pick<StageMove, 'amends' | 'becameDueAt'>): boolean =>
  move.amends !== null && move.becameDueAt < move.amends;

/** Share of the base's spend that customers of tier A, and of A and B together, make up. */
export const tierShares = { A: 0.8, B: 0.95 } as const;
export const valueTiers = ['A', 'B', 'C'] as const;
export type ValueTier = (typeof valueTiers)[number];

/** What a customer has been worth, as of the last time it was worked out. Scores are quintiles of the base, 5 the best. */
export interface CustomerValue {
  readonly asOf: EpochMs;
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
  readonly tier: ValueTier;
  /** Over the last 365 days. */
  readonly activeDays: number;
  readonly spend: number;
}

/** For a pack that says nothing of its own. */
export const usualChurn: ChurnDefinition = {
  version: 'usual',
  events: engagementTypes,
  priorGapDays: 7,
  newForMs: 30 * DAY,
  slipping: { afterMs: 14 * DAY, gaps: 3 },
  dormant: { afterMs: 30 * DAY, gaps: 6 },
  churned: { afterMs: 90 * DAY, gaps: 12 },
};
export const usualValue: ValueDefinition = {
  earns: ['order', 'payment', 'recharge', 'booking'],
  givesBack: ['refund'],
};
