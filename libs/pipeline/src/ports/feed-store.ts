import type { EpochMs, TenantId } from '#domain';

/** What one hour of arrivals from one feed left behind. A feed is a CloudEvents `source` of a tenant. */
export interface FeedHour {
  readonly tenant: TenantId;
  readonly source: string;
  readonly hour: EpochMs;
  readonly events: number;
  readonly firstArrivedAt: EpochMs;
  readonly lastArrivedAt: EpochMs;
  /** Greatest instant of occurrence, none counted later than its arrival. */
  readonly heardUpTo: EpochMs;
  /** From the youngest event's occurrence to its arrival. */
  readonly leastLagMs: number;
  /** Bit n: something arrived in minute n of the first, or of the second, half hour. */
  readonly minutes: readonly [number, number];
}

/** An operator's word that a feed is over. What arrived up to then says nothing any more; what comes later is a new feed. */
export interface FeedRetirement {
  readonly tenant: TenantId;
  readonly source: string;
  readonly at: EpochMs;
}

export interface FeedStore {
  /** The hours after `since` of the feeds with most events in them. */
  hours(since: EpochMs, mostFeeds: number): Promise<readonly FeedHour[]>;
  retirements(): Promise<readonly FeedRetirement[]>;
  retire(retirement: FeedRetirement): Promise<void>;
}
