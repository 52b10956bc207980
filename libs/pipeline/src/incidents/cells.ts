import type { EpochMs, Extent, TenantId } from '#domain';
import { contains, DAY, epochMs, HOUR, MINUTE, plus } from '#domain';
import { Feed, feedMemoryMs } from '../feeds/feed.js';
import { groupBy } from '../group-by.js';
import type { CellStore, CellWord, FeedCell } from '../ports/cell-store.js';

/** What one cell is usually like, and how far it has been heard. */
export interface CellState extends FeedCell {
  readonly eventsPerHour: number;
  readonly lastArrivedAt: EpochMs;
  readonly heardUpTo: EpochMs;
  readonly lateAt: EpochMs;
  /** Silent for longer than it ever was in seven days, and half as long again. */
  readonly isNotable: boolean;
  /** At its pace something should have come by now: once in twenty times it is silent so long by chance. */
  readonly isQuiet: boolean;
}

/** What became of those who were heard in an extent before it fell silent. */
export interface Fate {
  readonly cohort: number;
  readonly heard: number;
  /** How many of them would usually have been heard by now. */
  readonly expected: number;
}

/** e^-3 is a twentieth. */
const quietMeanGaps = 3;
/** A cell whose customers went elsewhere, as to another version, is looked at anew after so long. */
const fateKeptMs = 5 * MINUTE;
/** Too few to say anything of. */
const fewExpected = 5;
/** As with failures: chance brings so much about once in a thousand years. */
const leastWeight = 20;

export const cellKey = ({ tenant, source, appVersion, platform, channel }: FeedCell): string =>
  JSON.stringify([tenant, source, appVersion, platform, channel]);

/** Far fewer than usual are heard, and more so than chance explains even if only half as many were to be expected. */
export function isSilence({ heard, expected }: Fate): boolean {
  if (heard > expected / 4) return false;
  const few = expected / 2;
  return few - heard + (heard === 0 ? 0 : heard * Math.log(heard / few)) >= leastWeight;
}

/** Its customers are there as usual, only elsewhere. */
export const hasMoved = ({ heard, expected }: Fate): boolean => expected >= fewExpected && heard >= expected / 2;

/**
 * How far each version, platform and channel of each feed has been heard, from what the store has. As with whole feeds, a cell
 * vouches for its customers' silence by what it usually sends; see `Feed`. What is usual is read anew with every hour.
 */
export class Cells {
  private usual: { readonly hour: number; readonly cells: ReadonlyMap<string, [FeedCell, Feed]> } | null = null;
  private words: ReadonlyMap<string, CellWord> = new Map();
  private readonly fates = new Map<string, { readonly readAt: EpochMs; readonly fate: Fate }>();

  constructor(
    private readonly store: CellStore,
    private readonly vouchesFromPerHour: number,
  ) {}

  /** Reads how far each has been heard by `read`. */
  async refresh(read: EpochMs): Promise<void> {
    const hour = read - (read % HOUR);
    if (this.usual?.hour !== hour) {
      // Nobody vouches who has not been heard for a day.
      const hours = await this.store.hours(plus(read, -feedMemoryMs), (this.vouchesFromPerHour * DAY) / HOUR);
      const cells = new Map<string, [FeedCell, Feed]>();
      for (const own of groupBy(hours, cellKey).values()) {
        const [first] = own;
        const feed = new Feed(first!.tenant, first!.source, epochMs(0));
        feed.restore(own);
        cells.set(cellKey(first!), [first!, feed]);
      }
      this.usual = { hour, cells };
      this.words = new Map();
    }
    const words = await this.store.words(epochMs(hour - HOUR));
    this.words = new Map([...this.words, ...words.map((word) => [cellKey(word), word] as const)]);
    for (const [key, { heardUpTo, lastArrivedAt }] of this.words)
      this.usual.cells.get(key)?.[1].hear(0, heardUpTo, lastArrivedAt, lastArrivedAt);
  }

  /** As of the last refresh: those that vouch. */
  vouching(read: EpochMs): readonly CellState[] {
    return [...(this.usual?.cells ?? [])].flatMap(([key, [cell, feed]]): CellState[] => {
      feed.age(read);
      if (!feed.vouches(read, this.vouchesFromPerHour)) return [];
      const { tenant, source, appVersion, platform, channel } = cell;
      const { lastArrivedAt, heardUpTo } = feed;
      const eventsPerHour = feed.eventsPerHour(read);
      const isNotable = feed.isNotablySilent(read);
      const meanGaps = ((read - lastArrivedAt) / HOUR) * eventsPerHour;
      const stands = {
        eventsPerHour,
        lastArrivedAt,
        heardUpTo,
        isNotable,
        isQuiet: isNotable || meanGaps >= quietMeanGaps,
      };
      const lateAt = this.words.get(key)?.lateAt ?? epochMs(0);
      return [{ tenant, source, appVersion, platform, channel, lateAt, ...stands }];
    });
  }

  /** Whether any cell of a feed, one that vouches or not, was heard after an instant. */
  isHeardSince(tenant: TenantId, source: string, at: EpochMs): boolean {
    return [...this.words.values()].some(
      (word) => word.tenant === tenant && word.source === source && word.lastArrivedAt > at,
    );
  }

  /** Of those who were heard within the extent before it fell silent; what is usual is taken from whole days earlier. */
  async fateOf(tenant: TenantId, extent: Extent, silentSince: EpochMs, read: EpochMs): Promise<Fate> {
    const key = JSON.stringify([tenant, extent, silentSince]);
    const known = this.fates.get(key);
    if (known !== undefined && read - known.readAt < fateKeptMs) return known.fate;
    for (const [old, { readAt }] of this.fates) if (read - readAt >= DAY) this.fates.delete(old);
    const forMs = Math.max(0, read - silentSince);
    const before = plus(silentSince, -Math.max(1, Math.ceil(forMs / DAY)) * DAY);
    const [now, then] = await Promise.all([
      this.store.returned(tenant, extent, silentSince, read),
      this.store.returned(tenant, extent, before, plus(before, forMs)),
    ]);
    const usualShare = then.cohort === 0 ? 0 : then.heard / then.cohort;
    const fate = { ...now, expected: now.cohort * usualShare };
    this.fates.set(key, { readAt: read, fate });
    return fate;
  }
}

/** The cells of one extent. */
export const within = (cells: readonly CellState[], tenant: TenantId, extent: Extent): readonly CellState[] =>
  cells.filter((cell) => cell.tenant === tenant && contains(extent, cell));
