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
  /** Days since the last one. */
  | (SignalBase & { readonly kind: 'silence' })
  /** Days since the first one. */
  | (SignalBase & { readonly kind: 'tenure' })
  /**
   * The customer's own mean gap between active days, shrunk towards the population's:
   * (span + 3 g) / (n + 2) days, where g is `priorGapDays` and n the number of active days.
   * Null below `minimumActiveDays`.
   */
  | (SignalBase & { readonly kind: 'usual-gap'; readonly priorGapDays: number; readonly minimumActiveDays: number })
  /** Days since the oldest `events` entry that came after the last of `closedBy`; 0 when nothing is open. */
  | (SignalBase & { readonly kind: 'open-for'; readonly closedBy: readonly EventType[] });

export type SignalKind = Signal['kind'];
export type SignalValues = Readonly<Record<string, number | null>>;
