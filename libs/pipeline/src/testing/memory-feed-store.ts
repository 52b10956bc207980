import type { EpochMs } from '#domain';
import type { FeedHour, FeedRetirement, FeedStore } from '../ports/feed-store.js';

/** What the store would know of the feeds. */
export class MemoryFeedStore implements FeedStore {
  readonly stored: FeedHour[] = [];
  readonly retired: FeedRetirement[] = [];

  async hours(since: EpochMs): Promise<readonly FeedHour[]> {
    return this.stored.filter((hour) => hour.lastArrivedAt > since);
  }

  async retirements(): Promise<readonly FeedRetirement[]> {
    return this.retired;
  }

  async retire(retirement: FeedRetirement): Promise<void> {
    this.retired.push(retirement);
  }
}
