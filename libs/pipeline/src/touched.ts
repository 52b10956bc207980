import type { CustomerId, EpochMs, TenantId } from '#domain';

/** One record of the internal `touched` topic: whose windows moved, and how far the sources have been read. */
export interface TouchedRecord {
  /** Tenant, customer, and the instants of their events, oldest first. */
  readonly customers: readonly (readonly [TenantId, CustomerId, readonly EpochMs[]])[];
  /** Topic, partition, and the instant up to which everything that had arrived is folded. */
  readonly progress: readonly (readonly [string, number, EpochMs])[];
}

export const encodeTouched = (record: TouchedRecord): Uint8Array => Buffer.from(JSON.stringify(record));

/** Only the tracker writes this topic, so its records are read as they are. */
export const decodeTouched = (value: Uint8Array): TouchedRecord =>
  JSON.parse(Buffer.from(value).toString('utf8')) as TouchedRecord;
