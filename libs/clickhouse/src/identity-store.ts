import { z } from 'zod';
import { customerId, epochMs, tenantId } from '#domain';
import type { EpochMs } from '#domain';
import type { Chunk, CountedHash, CountedIdentity, IdentityStore } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const countedBefore = query({
  name: 'counted-before',
  about:
    'Counted events with one of these hashes that stand before a chunk in its partition. One thread: there is little to read, and starting more costs more.',
  sql: `SELECT tenant, customer, source, id, received_at FROM $db.counted_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND hash IN {hashes:Array(UInt64)}
  AND (epoch, offset) < ({epoch:UInt32}, {firstOffset:UInt64}) AND received_at >= {since:Int64}
SETTINGS max_threads = 1`,
  params: z.object({
    topic: z.string(),
    partition: z.number(),
    epoch: z.number(),
    firstOffset: z.number(),
    hashes: z.array(z.bigint()),
    since: z.number(),
  }),
  row: z.tuple([z.string(), z.string(), z.string(), z.string(), z.number()]),
});

export const newestCounted = query({
  name: 'newest-counted',
  about:
    'Hashes of a partition’s counted events, newest first, from a place on. The hash comes as text: it has 64 bits.',
  sql: `SELECT toString(hash) AS hash, received_at FROM $db.counted_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND received_at >= {since:Int64}
  AND (received_at, counted_v1.hash) < ({beforeAt:Int64}, {beforeHash:UInt64})
ORDER BY received_at DESC, counted_v1.hash DESC LIMIT {limit:UInt32}`,
  params: z.object({
    topic: z.string(),
    partition: z.number(),
    since: z.number(),
    beforeAt: z.number(),
    beforeHash: z.string(),
    limit: z.number(),
  }),
  row: z.tuple([z.string(), z.number()]),
});

/** Hashes asked for at once: they travel in the address of a request, which servers cut off at a megabyte. */
const mostAtOnce = 5_000;
const greatestHash = String(2n ** 64n - 1n);
/** Any instant lies before it; greater numbers would not come through JSON unharmed. */
const endOfTime = Number.MAX_SAFE_INTEGER;

export class ClickHouseIdentityStore implements IdentityStore {
  constructor(
    private readonly store: Store,
    private readonly pageSize = 100_000,
  ) {}

  async before(chunk: Chunk, hashes: readonly bigint[], since: EpochMs): Promise<readonly CountedIdentity[]> {
    const { topic, partition, epoch, firstOffset } = chunk;
    const found: CountedIdentity[] = [];
    for (let start = 0; start < hashes.length; start += mostAtOnce) {
      const some = hashes.slice(start, start + mostAtOnce);
      const place = { topic, partition, epoch, firstOffset };
      const rows = await this.store.tuples(countedBefore, { ...place, since, hashes: some });
      for (const [tenant, customer, source, id, receivedAt] of rows)
        found.push({
          tenant: tenantId(tenant),
          customer: customerId(customer),
          source,
          id,
          receivedAt: epochMs(receivedAt),
        });
    }
    return found;
  }

  async *newest(topic: string, partition: number, since: EpochMs): AsyncGenerator<readonly CountedHash[]> {
    let beforeAt = endOfTime;
    let beforeHash = greatestHash;
    for (;;) {
      const limit = this.pageSize;
      const rows = await this.store.tuples(newestCounted, { topic, partition, since, beforeAt, beforeHash, limit });
      if (rows.length > 0) yield rows.map(([hash, receivedAt]) => [BigInt(hash), epochMs(receivedAt)] as const);
      if (rows.length < limit) return;
      [beforeHash, beforeAt] = rows.at(-1)!;
    }
  }
}
