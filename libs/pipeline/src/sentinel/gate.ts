import type { EpochMs } from '#domain';
import { epochMs } from '#domain';
import type { FeedWord } from '../feeds/feeds.js';
import { Feeds, noFeedVouches } from '../feeds/feeds.js';

/**
 * Up to when a silence is believed. Two things must be so: everything that had arrived by then has been read, of every
 * source partition, as every partition of ours tells it, for one may be behind the others; and every feed that vouches
 * for its customers has been heard up to then.
 */
export class Gate {
  private readonly told = new Map<number, Map<string, EpochMs>>();

  constructor(
    private readonly tellers: readonly number[],
    private readonly sourceCount: number,
    readonly feeds: Feeds = new Feeds(noFeedVouches),
  ) {}

  /** `teller` is the partition of ours by which it was heard that `source` is read up to `upTo`. */
  advance(teller: number, source: string, upTo: EpochMs): void {
    const told = this.told.get(teller) ?? new Map<string, EpochMs>();
    this.told.set(teller, told);
    const before = told.get(source);
    if (before === undefined || upTo > before) told.set(source, upTo);
  }

  /**
   * What a chunk holds of the feeds. Every partition of ours tells it alike, and it is only believed once all of them have
   * told of progress beyond it: listening to one is enough.
   */
  hear(teller: number, words: readonly FeedWord[], progress: readonly (readonly [string, number, EpochMs])[]): void {
    if (teller !== this.tellers[0] || words.length === 0) return;
    // The chunk's own partition was read up to just before its last record.
    this.feeds.hear(words, epochMs(Math.max(0, ...progress.map(([, , upTo]) => upTo + 1))));
  }

  /** Everything that had arrived by then is read. Null until every partition of ours has told of every source. */
  get openUpTo(): EpochMs | null {
    const told = this.tellers.map((teller) => [...(this.told.get(teller)?.values() ?? [])]);
    if (told.length === 0 || told.some((sources) => sources.length < this.sourceCount)) return null;
    return epochMs(Math.min(...told.flat()));
  }
}
