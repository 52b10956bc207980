import type { CustomerId, EpochMs, TenantId } from '#domain';
import type { Chunk } from './window-store.js';

/** An event that was counted, by what a producer's repeat of it is recognised, and when it came. */
export interface CountedIdentity {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly source: string;
  readonly id: string;
  readonly receivedAt: EpochMs;
}

/** Hash of a counted identity, and when it came. */
export type CountedHash = readonly [hash: bigint, receivedAt: EpochMs];

/** Which events of a partition were counted. Filled by `WindowStore.fold`; kept for days, not for ever. */
export interface IdentityStore {
  /**
   * Those with one of these hashes that stand before the chunk in its own topic and partition and came at `since` or
   * later. Never any of the chunk itself: a repeated chunk gets the same answer.
   */
  before(chunk: Chunk, hashes: readonly bigint[], since: EpochMs): Promise<readonly CountedIdentity[]>;
  /** All of a partition that came at `since` or later, newest first, in pages. */
  newest(topic: string, partition: number, since: EpochMs): AsyncIterable<readonly CountedHash[]>;
}
