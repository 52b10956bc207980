import type { Alert, CustomerId, EpochMs, EventType, Flag, RuleId, TenantId, Transition } from '#domain';
import type { Fence } from './fence.js';

export interface StoredFlag {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly rule: RuleId;
  readonly flag: Flag;
  /** Of its last move. */
  readonly sequence: number;
  /** The greatest number of an episode that was raised, retracted ones included; 0 before the first. */
  readonly spent: number;
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
  /** Instants of events that occurred after `since`, or came in since `news.receivedAfter`; oldest first. */
  readonly touchedAt: readonly EpochMs[];
}

/** One customer, from an instant on. */
export interface CustomerSince {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly since: EpochMs;
}

export interface CustomerEvents extends CustomerSince {
  /** What occurred from `since` on, itself included, oldest first. */
  readonly events: readonly (readonly [EpochMs, EventType])[];
}

/** Events that were perhaps told to somebody who did not live to look at them. */
export interface PerhapsUnseen {
  readonly receivedAfter: EpochMs;
  /** Those that occurred before are left out. */
  readonly occurredAfter: EpochMs;
}

export interface FlagStore {
  /**
   * Takes these partitions' decisions from whoever made them until now: one fence for each, in their order. What others
   * had stored can be read from now on, and they can store no more.
   */
  takeOver(share: Share): Promise<readonly Fence[]>;
  /**
   * Fences in the place of those held: what was sent under them and may still be on its way can be stored no more. Throws
   * ChurnError FENCED when somebody else has taken one of them over.
   */
  renew(fences: readonly Fence[]): Promise<readonly Fence[]>;
  /** Throws ChurnError FENCED when somebody else has taken one of them over. */
  mustHold(fences: readonly Fence[]): Promise<void>;
  /** The last move of every flag that ever moved, for the customers of the share. */
  load(share: Share): Promise<readonly StoredFlag[]>;
  /**
   * Stores decisions, all or none. Repeating a decision changes nothing. Throws ChurnError FENCED, and stores none, when
   * one of the fences does not hold any more; there are at most as many as decisions.
   */
  append(decisions: readonly Decision[], fences: readonly Fence[]): Promise<void>;
  /** Everything ever decided about these customers, each flag's in the order it was made. */
  history(customers: readonly Pick<CustomerSince, 'tenant' | 'customer'>[]): Promise<readonly Decision[]>;
  /** What these customers did, each from an instant of their own on. Those who did nothing are left out. */
  eventsSince(customers: readonly CustomerSince[]): Promise<readonly CustomerEvents[]>;
  /** Decisions that were stored but never marked as published, each flag's in the order they were made. */
  unpublished(share: Share): Promise<readonly Decision[]>;
  markPublished(decisions: readonly Decision[], at: EpochMs): Promise<void>;
  /** Everybody with at least one event, and what happened to them after `since` or is news; page by page, each once. */
  customers(share: Share, since: EpochMs, news: PerhapsUnseen): AsyncIterable<readonly KnownCustomer[]>;
  /** Every deadline up to here has been decided for these partitions; the earliest of them, null before the first. */
  decidedUpTo(share: Share): Promise<EpochMs | null>;
  recordDecidedUpTo(share: Share, upTo: EpochMs): Promise<void>;
}
