import type { Alert, Attempt, EpochMs } from '#domain';

/** An alert that still owes something to a channel. */
export interface OpenDelivery {
  readonly alert: Alert;
  readonly channel: string;
  /** Tries made so far. */
  readonly attempts: number;
  readonly retryAt: EpochMs | null;
}

/** The courier's side of the outbox. The sentinel's insert is the alert; every try is one more row. */
export interface DeliveryLog {
  record(attempts: readonly Attempt[]): Promise<void>;
  /** For each of these channels, the alerts raised after `since` that were neither delivered nor given up. */
  open(channels: readonly string[], since: EpochMs): Promise<readonly OpenDelivery[]>;
}
