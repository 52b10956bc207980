import { topics } from '#contracts';
import type { ActivityEvent, Clock, CustomerId, EpochMs, TenantId } from '#domain';
import { customerKey, epochMs, MINUTE } from '#domain';
import type { FeedWord } from '../feeds/feeds.js';
import { mostFeeds } from '../feeds/feeds.js';
import type { EventLog, LogMessage } from '../ports/event-log.js';

/** One record of the internal `touched` topic: whose windows moved, and how far the sources have been read. */
export interface TouchedRecord {
  /** Tenant, customer, and the instants of their events, oldest first. */
  readonly customers: readonly (readonly [TenantId, CustomerId, readonly EpochMs[]])[];
  /** Topic, partition, and the instant up to which everything that had arrived is folded. */
  readonly progress: readonly (readonly [string, number, EpochMs])[];
  /** Of each feed in the chunk; where it is left out there is nothing to tell. */
  readonly feeds?: readonly FeedWord[];
  /** Feeds that an operator has just declared to be over. */
  readonly retired?: readonly (readonly [TenantId, string])[];
}

export const encodeTouched = (record: TouchedRecord): Uint8Array => Buffer.from(JSON.stringify(record));

/** Only our own roles write this topic, so its records are read as they are. */
export const decodeTouched = (value: Uint8Array): TouchedRecord =>
  JSON.parse(Buffer.from(value).toString('utf8')) as TouchedRecord;

/** Tells every partition the same. */
export async function tellAll(log: EventLog, record: TouchedRecord, timestamp: EpochMs): Promise<void> {
  const value = encodeTouched(record);
  const count = await log.partitionCount(topics.touched.name);
  await log.append(
    topics.touched.name,
    Array.from({ length: count }, (_, partition) => ({ key: String(partition), partition, value, timestamp })),
  );
}

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
  const feeds = feedWords(events);
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
      feeds,
    }),
  }));
}

const mostExactInstants = 256;

function instantsToLookAt(instants: readonly EpochMs[]): readonly EpochMs[] {
  return thinned(
    [...new Set(instants)].toSorted((a, b) => a - b),
    mostExactInstants,
  );
}

/** Every instant, oldest first, or beyond `mostExact` of them the last of each minute. */
export function thinned(instants: readonly EpochMs[], mostExact: number): readonly EpochMs[] {
  if (instants.length <= mostExact) return instants;
  return [...new Map(instants.map((instant) => [Math.floor(instant / MINUTE), instant])).values()];
}

/** Of a chunk's busiest feeds, for the message has a size. */
function feedWords(events: readonly ActivityEvent[]): FeedWord[] {
  const words = new Map<string, [TenantId, string, number, EpochMs, EpochMs]>();
  for (const { tenant, source, occurredAt, receivedAt } of events) {
    const key = `${tenant} ${source}`;
    const word = words.get(key) ?? [tenant, source, 0, epochMs(0), epochMs(0)];
    words.set(key, word);
    word[2] += 1;
    // A clock that is ahead has not heard the future.
    const heardUpTo = occurredAt < receivedAt ? occurredAt : receivedAt;
    if (heardUpTo > word[3]) word[3] = heardUpTo;
    if (receivedAt > word[4]) word[4] = receivedAt;
  }
  if (words.size <= mostFeeds) return [...words.values()];
  return [...words.values()].toSorted((a, b) => b[2] - a[2]).slice(0, mostFeeds);
}
