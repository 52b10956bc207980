import type { EpochMs, TenantId } from '#domain';
import { DAY, MINUTE } from '#domain';

/** How much an event may be. */
export interface AdmissionLimits {
  /** Of one event as it came. */
  readonly maxBytes: number;
  /** Nesting of objects and lists in `attributes`. */
  readonly maxDepth: number;
  /** Members of all objects and lists in `attributes` together. */
  readonly maxKeys: number;
  /** Characters of an id, a source or a customer id. */
  readonly maxIdLength: number;
  /** Of `attributes` as JSON. */
  readonly maxAttributesBytes: number;
  /** Older events are refused as too-old. */
  readonly maxAgeMs: number;
  /** Events further ahead of `now` are refused as from-future. */
  readonly maxAheadMs: number;
}

/** Circumstances of one record's arrival. */
export interface Arrival {
  readonly tenant: TenantId;
  /** When the gateway or the log took it in; stands in for a missing time. */
  readonly receivedAt: EpochMs;
  /** What `maxAgeMs` and `maxAheadMs` count from. */
  readonly now: EpochMs;
  /** True on the log, where the gateway has written `tenant` and `receivedtime` into the record: then those count. */
  readonly trusted?: boolean;
}

export const defaultAdmissionLimits: AdmissionLimits = {
  maxBytes: 64 * 1024,
  maxDepth: 8,
  maxKeys: 256,
  maxIdLength: 200,
  maxAttributesBytes: 4 * 1024,
  maxAgeMs: 400 * DAY,
  maxAheadMs: 5 * MINUTE,
};
