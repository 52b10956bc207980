import { z } from 'zod';
import { fenceText } from '#pipeline';
import type { Chunk, Extent, Fence, PlacedEvent, Plan, WindowStore } from '#pipeline';
import { mustHold, takeFence } from './fence.js';
import { query } from './query.js';
import type { Store } from './store.js';

const planColumns = `epoch, first_offset AS firstOffset, last_offset AS lastOffset, first_print AS firstPrint, last_print AS lastPrint`;
const planRow = z.object({
  epoch: z.number(),
  firstOffset: z.number(),
  lastOffset: z.number(),
  firstPrint: z.string(),
  lastPrint: z.string(),
});

export const lastPlannedChunk = query({
  name: 'last-planned-chunk',
  about:
    'The chunk of a partition that was planned last: the only one that may be stored in part. A plan of an owner who had lost the partition never comes before one of the next.',
  sql: `SELECT ${planColumns}
FROM $db.chunk_plan_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32}
ORDER BY epoch DESC, generation DESC, first_offset DESC, planned_at DESC
LIMIT 1`,
  params: z.object({ topic: z.string(), partition: z.number() }),
  row: planRow,
});

export const earlierPlannedChunks = query({
  name: 'earlier-planned-chunks',
  about:
    'Chunks before one, by which a log is recognised: the nearest, the second, fourth, eighth before, and the earliest that the log still holds.',
  sql: `SELECT epoch, firstOffset, lastOffset, firstPrint, lastPrint
FROM (
  SELECT ${planColumns}, row_number() OVER (ORDER BY first_offset DESC) AS distance, count() OVER () AS all
  FROM $db.chunk_plan_v1
  WHERE topic = {topic:String} AND partition = {partition:UInt32} AND epoch = {epoch:UInt32} AND first_print != ''
    AND first_offset >= {startOffset:UInt64} AND last_offset < least({firstOffset:UInt64}, {endOffset:UInt64})
)
WHERE bitCount(distance) = 1 OR distance = all
ORDER BY distance`,
  params: z.object({
    topic: z.string(),
    partition: z.number(),
    epoch: z.number(),
    firstOffset: z.number(),
    startOffset: z.number(),
    endOffset: z.number(),
  }),
  row: planRow,
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
  'topic',
  'partition',
  'epoch',
  'offset',
] as const;

/**
 * What an insert is recognised by. It must change with anything that shapes the rows: the same token with other rows
 * would be dropped in silence. `v1` is the shape of `eventRow` below.
 */
const tokenOf = (chunk: Chunk): string =>
  `v1:${chunk.topic}:${chunk.epoch}:${chunk.partition}:${chunk.firstOffset}-${chunk.lastOffset}`;

const eventRow = ({ topic, partition, epoch }: Chunk, event: PlacedEvent): unknown[] => [
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
  topic,
  partition,
  epoch,
  event.offset,
];

export class ClickHouseWindowStore implements WindowStore {
  constructor(private readonly store: Store) {}

  takeOver(topic: string, partition: number): Promise<Fence> {
    return takeFence(this.store, `tracker/${topic}/${partition}`);
  }

  async plan(plan: Plan, fence: Fence): Promise<void> {
    await this.store.insert(
      'chunk_plan_v1',
      [
        'topic',
        'partition',
        'epoch',
        'generation',
        'first_offset',
        'last_offset',
        'first_print',
        'last_print',
        'planned_at',
      ],
      [
        [
          plan.topic,
          plan.partition,
          plan.epoch,
          fence.generation,
          plan.firstOffset,
          plan.lastOffset,
          plan.firstPrint,
          plan.lastPrint,
          Date.now(),
        ],
      ],
    );
  }

  async lastPlan(topic: string, partition: number): Promise<Plan | null> {
    const [row] = await this.store.rows(lastPlannedChunk, { topic, partition });
    return row ? { topic, partition, ...row } : null;
  }

  async plansBefore(
    { topic, partition, epoch, firstOffset }: Chunk,
    { startOffset, endOffset }: Extent,
  ): Promise<readonly Plan[]> {
    const before = { topic, partition, epoch, firstOffset, startOffset, endOffset };
    const rows = await this.store.rows(earlierPlannedChunks, before);
    return rows.map((row) => ({ topic, partition, ...row }));
  }

  async fold(chunk: Chunk, events: readonly PlacedEvent[], fence: Fence): Promise<void> {
    if (events.length === 0) return mustHold(this.store, fence);
    // The first row carries the fence for all: an insert is one block, and is refused or kept as one.
    const rows = events.map((event, index) => [...eventRow(chunk, event), index === 0 ? fenceText(fence) : '']);
    await this.store.insert('inbox_door_v1', [...eventColumns, 'fence'], rows, tokenOf(chunk));
  }
}
