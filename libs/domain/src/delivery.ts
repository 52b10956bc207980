import type { AlertId, IncidentId, TenantId } from './ids.js';
import type { EpochMs } from './time.js';
import { HOUR, MINUTE, SECOND } from './time.js';

/** Why a delivery did not arrive. A closed list: it is also the metric's label. */
export const failureReasons = [
  'unreachable',
  'timeout',
  'refused',
  'throttled',
  'deferred',
  'server-error',
  'rejected',
  'unaddressed',
  'gone',
  'redirected',
  'unsafe-target',
  'exhausted',
  'expired',
  'resolved',
  'retracted',
  'incident',
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** What a channel reports; it never throws for anything the far side may do. */
export type DeliveryResult =
  | { readonly kind: 'delivered'; readonly receipt: string }
  | {
      readonly kind: 'retry';
      readonly reason: FailureReason;
      readonly detail: string;
      readonly afterMs?: number;
      /** The far side may have it all the same: the connection broke, or it failed after it had read everything. */
      readonly mayHaveArrived?: boolean;
    }
  | { readonly kind: 'give-up'; readonly reason: FailureReason; readonly detail: string };

export const deliveryStates = ['delivered', 'retrying', 'given-up'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One try of one alert through one channel. */
export interface Attempt {
  readonly tenant: TenantId;
  readonly alert: AlertId;
  readonly channel: string;
  /** 1 for the first try. */
  readonly number: number;
  readonly state: DeliveryState;
  readonly reason: FailureReason | null;
  readonly detail: string;
  readonly at: EpochMs;
  readonly retryAt: EpochMs | null;
  /** The far side has it, or nobody knows that it has not, from this try or an earlier one. */
  readonly mayHaveArrived: boolean;
  /** The incident that the alert was held back for. */
  readonly incident?: IncidentId;
}

/** Written down before a try begins: if nothing follows, nobody knows whether the far side has the alert. */
export type Intent = Pick<Attempt, 'tenant' | 'alert' | 'channel' | 'number' | 'at'>;

/** Waits before tries 2, 3, ...: the example schedule of the Standard Webhooks spec. After the last the delivery is given up. */
export const retryScheduleMs: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Longest wait a receiver may ask for with Retry-After. */
export const longestRetryAfterMs = 24 * HOUR;
