import type { ActivityEvent, EpochMs } from '#domain';

/** A finite stream of events to run Churnwatch on: recorded or simulated, always the same when read again. */
export interface EventFeed {
  readonly name: string;
  /** No event occurred earlier. */
  readonly startAt: EpochMs;
  /** Every event occurred, and is delivered, before this instant. */
  readonly endAt: EpochMs;
  /** How many events `events()` yields. A simulated feed counts at the first read of this, which costs one full pass. */
  readonly total: number;
  /** From the first event, in the order of delivery (`receivedAt`). Unless events come late, that is the order of `occurredAt`. */
  events(): Iterable<ActivityEvent>;
}
