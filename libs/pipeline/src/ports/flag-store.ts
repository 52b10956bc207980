import type { Alert, CustomerId, EpochMs, Flag, RuleId, TenantId, Transition } from '#domain';

export interface StoredFlag {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly rule: RuleId;
  readonly flag: Flag;
  /** Of its last move. */
  readonly sequence: number;
}

/** What a decision leaves behind: the move, and the alert when somebody must be told. One durable step for both. */
export interface Decision {
  readonly transition: Transition;
  readonly alert: Alert | null;
}

/** Which customers a sentinel answers for: those whose key falls on one of these of `count` partitions. */
export interface Share {
  readonly partitions: readonly number[];
  readonly count: number;
}

export interface KnownCustomer {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  /** Instants of events that came after `since`, oldest first. */
  readonly touchedAt: readonly EpochMs[];
}

export interface FlagStore {
  /** Flags that are not in their first state, for the customers of the share. */
  load(share: Share): Promise<readonly StoredFlag[]>;
  /** Stores decisions in order. Repeating a decision changes nothing. */
  append(decisions: readonly Decision[]): Promise<void>;
  /** Decisions that were stored but never marked as published, each flag's in the order they were made. */
  unpublished(share: Share): Promise<readonly Decision[]>;
  markPublished(decisions: readonly Decision[], at: EpochMs): Promise<void>;
  /** Everybody with at least one event, and what happened to them after `since`. */
  customers(share: Share, since: EpochMs): Promise<readonly KnownCustomer[]>;
  /** Every deadline up to here has been decided for these partitions; the earliest of them, null before the first. */
  decidedUpTo(share: Share): Promise<EpochMs | null>;
  recordDecidedUpTo(share: Share, upTo: EpochMs): Promise<void>;
}
