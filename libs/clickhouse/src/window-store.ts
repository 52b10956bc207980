import { z } from 'zod';
import type { ActivityEvent } from '#domain';
import type { Chunk, WindowStore } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const lastPlannedChunk = query({
  name: 'last-planned-chunk',
  about: 'The chunk of a partition that was planned last: the only one that may be stored in part.',
  sql: `SELECT epoch, first_offset AS firstOffset, last_offset AS lastOffset
FROM $db.chunk_plan_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32}
ORDER BY epoch DESC, first_offset DESC, planned_at DESC
LIMIT 1`,
  params: z.object({ topic: z.string(), partition: z.number() }),
  row: z.object({ epoch: z.number(), firstOffset: z.number(), lastOffset: z.number() }),
});

const eventColumns = [
  'tenant',
  'id',
  'source',
  'type',
  'customer',
  'occurred_at',
  'received_at',
  'amount',
  'platform',
  'channel',
  'app_version',
  'attributes',
] as const;

/**
 * What an insert is recognised by. It must change with anything that shapes the rows: the same token with other rows
 * would be dropped in silence. `v1` is the shape of `eventRow` below.
 */
const tokenOf = (chunk: Chunk): string =>
  `v1:${chunk.topic}:${chunk.epoch}:${chunk.partition}:${chunk.firstOffset}-${chunk.lastOffset}`;

const eventRow = (event: ActivityEvent): unknown[] => [
  event.tenant,
  event.id,
  event.source,
  event.type,
  event.customer,
  event.occurredAt,
  event.receivedAt,
  event.amount,
  event.platform,
  event.channel,
  event.appVersion,
  JSON.stringify(event.attributes),
];

export class ClickHouseWindowStore implements WindowStore {
  constructor(private readonly store: Store) {}

  async plan(chunk: Chunk): Promise<void> {
    await this.store.insert(
      'chunk_plan_v1',
      ['topic', 'partition', 'epoch', 'first_offset', 'last_offset', 'planned_at'],
      [[chunk.topic, chunk.partition, chunk.epoch, chunk.firstOffset, chunk.lastOffset, Date.now()]],
    );
  }

  async lastPlan(topic: string, partition: number): Promise<Chunk | null> {
    const [row] = await this.store.rows(lastPlannedChunk, { topic, partition });
    return row ? { topic, partition, ...row } : null;
  }

  async fold(chunk: Chunk, events: readonly ActivityEvent[]): Promise<void> {
    await this.store.insert('inbox_v1', eventColumns, events.map(eventRow), tokenOf(chunk));
  }
}
