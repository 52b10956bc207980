import type { ActivityEvent, Clock, CustomerId, EpochMs, TenantId } from '#domain';
import { customerKey, MINUTE } from '#domain';
import type { LogMessage } from './ports/event-log.js';

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

/** What a folded chunk has to tell. */
export interface Folded {
  readonly events: readonly ActivityEvent[];
  readonly progress: TouchedRecord['progress'][number];
}

/** One message for each of `count` partitions, with the customers whose keys fall on it; the progress goes to all. */
export function touchedMessages(
  { events, progress }: Folded,
  count: number,
  parts: { readonly clock: Clock; readonly partitionOf: (key: string, count: number) => number },
): LogMessage[] {
  const customers = Array.from({ length: count }, () => new Map<string, [TenantId, CustomerId, EpochMs[]]>());
  for (const event of events) {
    const share = customers[parts.partitionOf(event.customer, count)]!;
    const key = customerKey(event.tenant, event.customer);
    const entry = share.get(key) ?? [event.tenant, event.customer, []];
    share.set(key, entry);
    entry[2].push(event.occurredAt);
  }
  const timestamp = parts.clock.now();
  return customers.map((share, partition) => ({
    key: String(partition),
    partition,
    timestamp,
    value: encodeTouched({
      customers: [...share.values()].map(([tenant, customer, instants]) => [
        tenant,
        customer,
        instantsToLookAt(instants),
      ]),
      progress: [progress],
    }),
  }));
}

const mostExactInstants = 32;

/** Every instant, except for a customer with very many in one chunk: then the last of each minute. */
function instantsToLookAt(instants: readonly EpochMs[]): readonly EpochMs[] {
  const sorted = [...new Set(instants)].toSorted((a, b) => a - b);
  if (sorted.length <= mostExactInstants) return sorted;
  return [...new Map(sorted.map((instant) => [Math.floor(instant / MINUTE), instant])).values()];
}
