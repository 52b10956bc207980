import type { EpochMs, TenantId } from '#domain';
import { epochMs, HOUR, plus } from '#domain';
import { Feed, feedMemoryMs } from './feed.js';
import type { FeedHour, FeedRetirement, FeedStore } from '../ports/feed-store.js';

/** What a chunk holds of one feed: tenant, source, events, up to when they occurred (never beyond arrival), last arrival. */
export type FeedWord = readonly [TenantId, string, number, EpochMs, EpochMs];

export interface FeedLimits {
  /** A feed that usually sends this many events an hour vouches for its customers' silence. 0: none does. */
  readonly vouchesFromPerHour: number;
  /** A feed's word is believed when everything that arrived up to this much later has been read as well. */
  readonly settleMs: number;
}

/** For runs that come to an end: the last wave of a feed that is over would be held for ever. */
export const noFeedVouches: FeedLimits = { vouchesFromPerHour: 0, settleMs: 0 };

/** How one feed stands; times as the partitions read so far tell them. */
export interface FeedState {
  readonly tenant: TenantId;
  readonly source: string;
  readonly eventsPerHour: number;
  readonly heardUpTo: EpochMs;
  readonly lastArrivedAt: EpochMs;
  readonly usualLagMs: number;
  readonly longestGapMs: number;
  readonly vouches: boolean;
  /** Notably: since its last arrival; null while it is as usual. */
  readonly silentSince: EpochMs | null;
}

/** The busiest are kept; one that is left out never holds anything back. */
export const mostFeeds = 1_000;
/** Feeds of one customer's device come and go; they are thrown out in one go when there are this many. */
const roomForNewcomers = 2 * mostFeeds;

const keyOf = (tenant: TenantId, source: string): string => `${tenant} ${source}`;

/**
 * How far each feed has been heard. A customer who is silent is only believed to be while those who would tell of them
 * are not: a feed that usually says something all the time and now does not may have broken, with its customers well.
 */
export class Feeds {
  private readonly feeds = new Map<string, Feed>();
  private agedAtHour = 0;

  constructor(private readonly limits: FeedLimits) {}

  /** From the store, at the start of an ownership; nothing up to `decidedUpTo` need be heard of again. */
  static async restored(store: FeedStore, limits: FeedLimits, now: EpochMs, decidedUpTo: EpochMs): Promise<Feeds> {
    const feeds = new Feeds(limits);
    const [hours, retirements] = await Promise.all([
      store.hours(plus(now, -feedMemoryMs), mostFeeds),
      store.retirements(),
    ]);
    feeds.restore(hours, retirements, decidedUpTo);
    return feeds;
  }

  restore(hours: readonly FeedHour[], retirements: readonly FeedRetirement[], decidedUpTo: EpochMs): void {
    const over = new Map(retirements.map(({ tenant, source, at }) => [keyOf(tenant, source), at]));
    const byFeed = new Map<string, FeedHour[]>();
    for (const hour of hours.toSorted((a, b) => a.hour - b.hour)) {
      const key = keyOf(hour.tenant, hour.source);
      if (hour.firstArrivedAt <= (over.get(key) ?? 0)) continue;
      byFeed.set(key, [...(byFeed.get(key) ?? []), hour]);
    }
    for (const [key, own] of byFeed) {
      const feed = new Feed(own[0]!.tenant, own[0]!.source, decidedUpTo);
      feed.restore(own);
      this.feeds.set(key, feed);
    }
  }

  /** `readUpTo` is how far the chunk's own partition has been read with it. */
  hear(words: readonly FeedWord[], readUpTo: EpochMs): void {
    if (this.limits.vouchesFromPerHour === 0) return;
    for (const [tenant, source, events, heardUpTo, arrivedAt] of words) {
      const key = keyOf(tenant, source);
      const feed = this.feeds.get(key) ?? new Feed(tenant, source, epochMs(0));
      this.feeds.set(key, feed);
      feed.hear(events, heardUpTo, arrivedAt, arrivedAt > readUpTo ? arrivedAt : readUpTo);
    }
    if (this.feeds.size > roomForNewcomers) this.keepTheBusiest();
  }

  retire(tenant: TenantId, source: string): void {
    this.feeds.delete(keyOf(tenant, source));
  }

  /** Up to when an absence is believed, when everything that arrived up to `read` has been read. */
  believedUpTo(read: EpochMs): EpochMs {
    this.age(read);
    let least = read;
    for (const feed of this.feeds.values()) {
      const upTo = feed.believedAt(plus(read, -this.limits.settleMs));
      if (upTo < least && feed.vouches(read, this.limits.vouchesFromPerHour)) least = upTo;
    }
    return least;
  }

  /** The busiest first. */
  states(read: EpochMs): FeedState[] {
    this.age(read);
    const states = Array.from(this.feeds.values(), (feed) => this.stateOf(feed, read));
    return states.toSorted((a, b) => b.eventsPerHour - a.eventsPerHour);
  }

  /** Only those that vouch: costs little for however many others. */
  vouching(read: EpochMs): FeedState[] {
    const { vouchesFromPerHour } = this.limits;
    return [...this.feeds.values()]
      .filter((feed) => feed.vouches(read, vouchesFromPerHour))
      .map((feed) => this.stateOf(feed, read));
  }

  private stateOf(feed: Feed, read: EpochMs): FeedState {
    const { tenant, source, heardUpTo, lastArrivedAt, usualLagMs } = feed;
    const { vouchesFromPerHour } = this.limits;
    const vouches = vouchesFromPerHour > 0 && feed.vouches(read, vouchesFromPerHour);
    const silentSince = vouches && feed.isNotablySilent(read) ? lastArrivedAt : null;
    const eventsPerHour = feed.eventsPerHour(read);
    const longestGapMs = feed.longestGapMs();
    return { tenant, source, eventsPerHour, heardUpTo, lastArrivedAt, usualLagMs, longestGapMs, vouches, silentSince };
  }

  private age(read: EpochMs): void {
    const hour = Math.floor(read / HOUR);
    if (hour === this.agedAtHour) return;
    this.agedAtHour = hour;
    for (const [key, feed] of this.feeds) {
      feed.age(read);
      if (feed.events === 0) this.feeds.delete(key);
    }
  }

  private keepTheBusiest(): void {
    const busiest = [...this.feeds].toSorted(([, a], [, b]) => b.events - a.events).slice(0, mostFeeds);
    this.feeds.clear();
    for (const [key, feed] of busiest) this.feeds.set(key, feed);
  }
}
