import type { CustomerId, RuleId, TenantId } from './ids.js';
import type { FlagPolicy, Rule } from './rule.js';
import type { SignalValues } from './signal.js';
import type { EpochMs } from './time.js';
import { plus } from './time.js';
import type { Verdict } from './verdict.js';

export const flagStates = ['clear', 'pending', 'firing', 'recovering', 'retracted'] as const;
export type FlagState = (typeof flagStates)[number];

/** The life of one rule at one customer. */
export interface Flag {
  readonly state: FlagState;
  /** When it entered `state`. */
  readonly since: EpochMs;
  /** Counts breaches that came to anything: 0 before the first; a new one begins with each pending or firing. */
  readonly episode: number;
  /** When it last went from firing to clear; the cooldown counts from here. */
  readonly clearedAt: EpochMs | null;
}

export const neverRaised: Flag = { state: 'clear', since: 0 as EpochMs, episode: 0, clearedAt: null };

export interface FlagStep {
  readonly flag: Flag;
  readonly moved: boolean;
  /** Ask again then, even if nothing arrives; null: only a changed verdict can move the flag. */
  readonly askAgainAt: EpochMs | null;
}

/**
 * Moves a flag by one verdict. Pure; `now` is the instant the verdict holds for.
 *
 * `no-data` and `between` hold the flag where it is, except that a pending flag falls back to clear:
 * an alarm must rest on a breach that is seen to last.
 */
export function advanceFlag(flag: Flag, verdict: Verdict, policy: FlagPolicy, now: EpochMs): FlagStep {
  const stay = (askAgainAt: EpochMs | null = null): FlagStep => ({ flag, moved: false, askAgainAt });
  const to = (next: Partial<Flag> & { state: FlagState }, askAgainAt: EpochMs | null = null): FlagStep => ({
    flag: { ...flag, since: now, ...next },
    moved: true,
    askAgainAt,
  });

  switch (flag.state) {
    case 'clear':
    case 'retracted': {
      if (verdict !== 'breach') return stay();
      const coolUntil = flag.clearedAt === null ? now : plus(flag.clearedAt, policy.cooldownMs);
      if (now < coolUntil) return stay(coolUntil);
      if (policy.pendingMs > 0) return to({ state: 'pending', episode: flag.episode + 1 }, plus(now, policy.pendingMs));
      return to({ state: 'firing', episode: flag.episode + 1 });
    }
    case 'pending': {
      // An episode that never fired leaves no alert, so its number is used again.
      if (verdict !== 'breach') return to({ state: 'clear', episode: flag.episode - 1 });
      const firesAt = plus(flag.since, policy.pendingMs);
      return now >= firesAt ? to({ state: 'firing' }) : stay(firesAt);
    }
    case 'firing': {
      if (verdict !== 'ok') return stay();
      if (policy.recoverMs > 0) return to({ state: 'recovering' }, plus(now, policy.recoverMs));
      return to({ state: 'clear', clearedAt: now });
    }
    case 'recovering': {
      if (verdict === 'breach') return to({ state: 'firing' });
      if (verdict !== 'ok') return stay();
      const clearsAt = plus(flag.since, policy.recoverMs);
      return now >= clearsAt ? to({ state: 'clear', clearedAt: now }) : stay(clearsAt);
    }
  }
}

/** True while the flag shows on the customer: somebody has been, or is about to be, told. */
export const isRaised = (state: FlagState): boolean => state === 'firing' || state === 'recovering';

/** True of a move that somebody is told of. A relapse while recovering is still the same episode: nobody is told twice. */
export const raises = (move: Pick<Transition, 'from' | 'to'>): boolean =>
  move.to === 'firing' && move.from !== 'recovering';

/** True of a move that only takes back others: nothing happened to the customer then. */
export const takesBack = (move: Pick<Transition, 'to' | 'amends' | 'becameDueAt'>): boolean =>
  move.to === 'retracted' || (move.amends !== null && move.becameDueAt < move.amends);

/** One move of a flag with what was known then. Written once, never changed. */
export interface Transition {
  /** Hash of tenant, customer, rule and sequence: repeating a decision gives the same id. */
  readonly id: string;
  /** Counts this flag's moves from 1: the greatest is the newest, whatever any clock says. */
  readonly sequence: number;
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly rule: RuleId;
  readonly ruleVersion: string;
  readonly episode: number;
  readonly from: FlagState;
  readonly to: FlagState;
  /** The instant the flag had to move. */
  readonly becameDueAt: EpochMs;
  /** When Churnwatch moved it. */
  readonly detectedAt: EpochMs;
  readonly severity: Rule['severity'];
  readonly reason: string;
  /** Signals at `becameDueAt`, the rule's evidence first. */
  readonly evidence: SignalValues;
  /**
   * Not null when an event that came late had the flag decided anew: whatever was said of it from that instant on is
   * replaced by this move and those that follow. A move that became due before that instant restores what had been so
   * all along.
   */
  readonly amends: EpochMs | null;
  /** The flag's cooldown anchor after the move, so that the flag can be restored from its last transition. */
  readonly clearedAt: EpochMs | null;
}
