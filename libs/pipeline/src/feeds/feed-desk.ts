import type { Clock, EpochMs, TenantId } from '#domain';
import { epochMs } from '#domain';
import type { FeedLimits, FeedState } from './feeds.js';
import { Feeds } from './feeds.js';
import type { EventLog } from '../ports/event-log.js';
import type { FeedStore } from '../ports/feed-store.js';
import { tellAll } from '../tracker/touched.js';

export interface FeedsNow {
  readonly asOf: EpochMs;
  /** No absence is decided beyond what the vouching feeds have been heard up to; null where none vouches. */
  readonly heldAt: EpochMs | null;
  readonly feeds: readonly FeedState[];
}

/** What an operator sees of the feeds and does about them, out of what is stored. */
export class FeedDesk {
  constructor(
    private readonly parts: {
      readonly store: FeedStore;
      readonly log: EventLog;
      readonly clock: Clock;
      readonly limits: FeedLimits;
    },
  ) {}

  async now(tenant: TenantId): Promise<FeedsNow> {
    const { store, clock, limits } = this.parts;
    const asOf = clock.now();
    const feeds = await Feeds.restored(store, limits, asOf, epochMs(0));
    const own = feeds.states(asOf).filter((feed) => feed.tenant === tenant);
    const vouching = own.filter(({ vouches }) => vouches).map(({ heardUpTo }) => heardUpTo);
    return { asOf, heldAt: vouching.length === 0 ? null : epochMs(Math.min(...vouching)), feeds: own };
  }

  /** From now on it holds nothing back. Should it be heard again, it is a new feed. False: there is no such feed. */
  async retire(tenant: TenantId, source: string): Promise<boolean> {
    const { store, log, clock } = this.parts;
    const { feeds } = await this.now(tenant);
    if (!feeds.some((feed) => feed.source === source)) return false;
    const at = clock.now();
    await store.retire({ tenant, source, at });
    // Stored first: whoever takes partitions over from here on reads it there, the others hear it.
    await tellAll(log, { customers: [], progress: [], retired: [[tenant, source]] }, at);
    return true;
  }
}
