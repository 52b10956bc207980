import type { EpochMs } from '#domain';
import { customerKey, plus, SECOND } from '#domain';
import type { FlagStore, KnownCustomer, Share, StoredFlag } from '../ports/flag-store.js';

/** An event may be taken in so long before it is on the log, and what is told of progress meanwhile does not cover it. */
const longestOnItsWayMs = 10 * SECOND;

/** Somebody of the share, as decided by whoever had it before. */
export interface TrackedCustomer extends Pick<KnownCustomer, 'tenant' | 'customer'> {
  readonly decidedAt: EpochMs;
  /** What happened later. */
  readonly touches: readonly EpochMs[];
  /** What lies before, and was not necessarily known of when it was decided. */
  readonly late: readonly EpochMs[];
}

/** Everybody of a share whose flags are `stored`, page by page. */
export async function* trackedCustomers(
  flags: FlagStore,
  share: Share,
  stored: readonly StoredFlag[],
  decidedUpTo: EpochMs,
  latenessMs: number,
): AsyncIterable<readonly TrackedCustomer[]> {
  // A flag may have moved after the last note; its customer is decided up to that move.
  const movedAt = new Map<string, EpochMs>();
  for (const { tenant, customer, flag } of stored) {
    const key = customerKey(tenant, customer);
    if (flag.since > (movedAt.get(key) ?? decidedUpTo)) movedAt.set(key, flag.since);
  }
  // Not every log remembers what was told and not looked at before its reader died: what came in late about then is late now.
  const news = {
    receivedAfter: plus(decidedUpTo, -longestOnItsWayMs),
    occurredAfter: plus(decidedUpTo, -latenessMs),
  };
  for await (const page of flags.customers(share, decidedUpTo, news)) {
    yield page.map(({ tenant, customer, touchedAt }) => {
      const decidedAt = movedAt.get(customerKey(tenant, customer)) ?? decidedUpTo;
      const touches = touchedAt.filter((at) => at > decidedAt);
      return { tenant, customer, decidedAt, touches, late: touchedAt.filter((at) => at <= decidedAt) };
    });
  }
}
