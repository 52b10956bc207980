import type { Alert, DeliveryResult } from '#domain';

/** One way out. See libs/channels/CHECKLIST.md before adding one. */
export interface Channel {
  /** Stands in the delivery log and in metric labels; never changes once used. */
  readonly name: string;
  /** Tries once. Reports what came of it and throws nothing for what the far side may do. */
  deliver(alert: Alert, signal: AbortSignal): Promise<DeliveryResult>;
  close(): Promise<void>;
}
