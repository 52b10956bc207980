import type { CustomerId, EpochMs, Stage, StageMove, TenantId } from '#domain';
import type { Fence } from './fence.js';
import type { Share } from './flag-store.js';

export interface PlacedCustomer {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
}

/** How a customer's stage stands after its last move. */
export interface StoredStage extends PlacedCustomer {
  readonly stage: Stage;
  readonly sequence: number;
  readonly since: EpochMs;
}

/** Stages as they were told. Fences are those of the flags: who decides the one decides the other. */
export interface StageStore {
  /** Those of whom nothing was ever told are left out. */
  last(customers: readonly PlacedCustomer[]): Promise<readonly StoredStage[]>;
  /**
   * Stores moves, all or none. Repeating one changes nothing. Throws ChurnError FENCED, and stores none, when one of the
   * fences does not hold any more; there are at most as many as moves.
   */
  append(moves: readonly StageMove[], fences: readonly Fence[]): Promise<void>;
  /** Everything ever told of these customers' stages, each customer's in the order it was made. */
  history(customers: readonly PlacedCustomer[]): Promise<readonly StageMove[]>;
  /** Moves that were stored but never marked as published, each customer's in the order they were made. */
  unpublished(share: Share): Promise<readonly StageMove[]>;
  markPublished(moves: readonly StageMove[], at: EpochMs): Promise<void>;
}
