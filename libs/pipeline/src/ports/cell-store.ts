import type { CustomerId, EpochMs, Extent, TenantId } from '#domain';
import type { FeedHour } from './feed-store.js';

/** One version, platform and channel of a feed; what the events do not tell is empty, but not all of it. */
export interface FeedCell extends Extent {
  readonly tenant: TenantId;
  readonly source: string;
}

/** What one hour of arrivals from one cell left behind. */
export type CellHour = FeedHour & FeedCell;

/** How far a cell has been heard. */
export interface CellWord extends FeedCell {
  readonly lastArrivedAt: EpochMs;
  readonly heardUpTo: EpochMs;
  /** When something arrived last that had occurred more than ten minutes before. */
  readonly lateAt: EpochMs;
}

/** Customers heard within an extent in the 24 hours up to an instant, and how many of them were heard anywhere later. */
export interface Return {
  readonly cohort: number;
  readonly heard: number;
}

export interface CellStore {
  /** The hours from `since` on, oldest first, of the busiest cells, and only of those with so many events in them. */
  hours(since: EpochMs, leastEvents: number): Promise<readonly CellHour[]>;
  /** Of each cell that was heard since. */
  words(since: EpochMs): Promise<readonly CellWord[]>;
  /** The cell in which each source told of each of these customers last. */
  lastCells(
    customers: readonly { readonly tenant: TenantId; readonly customer: CustomerId }[],
  ): Promise<readonly (FeedCell & { readonly customer: CustomerId })[]>;
  /** Who was heard within the extent in the 24 hours up to `at`, and how many of them later, up to `until`. */
  returned(tenant: TenantId, extent: Extent, at: EpochMs, until: EpochMs): Promise<Return>;
}
