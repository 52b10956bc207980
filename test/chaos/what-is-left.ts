import kafkajs from 'kafkajs';
import { z } from 'zod';
import type { Store } from '#clickhouse';
import { topics } from '#contracts';
import { registerCodecs } from '../../libs/kafka/src/compression.js';
import type { Evidence } from './evidence.js';

const number = z.coerce.number();
const eventRow = z.object({ source: z.string(), id: z.string(), times: number });
const bucketRow = z.object({
  customer: z.string(),
  bucket: number,
  type: z.string(),
  events: number,
  amount: number,
  first: number,
  last: number,
});
const moveRow = z.object({
  id: z.string(),
  sequence: number.default(0),
  customer: z.string(),
  rule: z.string(),
  episode: number.default(0),
  from_state: z.string(),
  to_state: z.string(),
  became_due_at: number,
  detected_at: number,
  /** From this instant on it replaces what was stored before. */
  amends: number.nullable().default(null),
  alert_id: z.string().default(''),
  alert: z.string().default(''),
});
const attemptRow = z.object({ alert_id: z.string(), channel: z.string(), state: z.string(), times: number });
const letterRow = z.object({ id: z.string(), key: z.string().nullable(), reason: z.string() });
const recordRow = z.object({ key: z.string(), value: z.string(), encoding: z.string() });

export type Bucket = z.output<typeof bucketRow>;
export type StoredMove = z.output<typeof moveRow>;

export interface TopicRecord {
  readonly key: string;
  readonly value: string;
}

/** What the store and the topics hold when all is over. */
export interface Left {
  readonly events: readonly z.output<typeof eventRow>[];
  readonly hours: readonly Bucket[];
  readonly days: readonly Bucket[];
  /** In the order of sequence, where there is one, else of time. */
  readonly moves: readonly StoredMove[];
  /** As moves of a flag named "stage". */
  readonly stages: readonly StoredMove[];
  readonly attempts: readonly z.output<typeof attemptRow>[];
  readonly letters: readonly z.output<typeof letterRow>[];
  readonly transitions: readonly TopicRecord[];
  readonly stageMoves: readonly TopicRecord[];
  readonly actions: readonly TopicRecord[];
  readonly deadLetters: readonly TopicRecord[];
}

export async function readLeft(store: Store, evidence: Evidence): Promise<Left> {
  const ask = <R extends z.ZodType>(sql: string, row: R): Promise<z.output<R>[]> =>
    store.rows({ name: 'chaos', about: 'For tests.', sql, params: z.object({}), row }, {});
  const buckets = (table: string): Promise<Bucket[]> =>
    ask(
      `SELECT customer, bucket, type, sum(events) AS events, sum(amount) AS amount, min(first_at) AS first, max(last_at) AS last
       FROM $db.${table} GROUP BY customer, bucket, type`,
      bucketRow,
    );
  const moves = await ask('SELECT * FROM $db.transition_v1 FINAL', moveRow);
  const read = (topic: string): Promise<TopicRecord[]> =>
    evidence.brokers === null ? journalled(ask, topic) : consumed(evidence.brokers, topic);
  return {
    events: await ask('SELECT source, id, count() AS times FROM $db.event_v1 GROUP BY source, id', eventRow),
    hours: await buckets('activity_hour_v1'),
    days: await buckets('activity_day_v1'),
    moves: moves.sort(
      (a, b) => a.sequence - b.sequence || a.became_due_at - b.became_due_at || a.detected_at - b.detected_at,
    ),
    stages: await ask(
      `SELECT id, sequence, customer, 'stage' AS rule, from_stage AS from_state, to_stage AS to_state, became_due_at, detected_at, amends
       FROM $db.stage_v1 FINAL ORDER BY customer, sequence`,
      moveRow,
    ),
    attempts: await ask(
      'SELECT alert_id, channel, state, count() AS times FROM $db.attempt_v1 FINAL GROUP BY alert_id, channel, state',
      attemptRow,
    ),
    letters: await ask('SELECT id, key, reason FROM $db.dead_letter_v2 FINAL', letterRow),
    transitions: await read(topics.riskTransitions.name),
    stageMoves: await read(topics.customerStage.name),
    actions: await read(topics.action.name),
    deadLetters: await read(topics.deadLetter.name),
  };
}

async function journalled(
  ask: <R extends z.ZodType>(sql: string, row: R) => Promise<z.output<R>[]>,
  topic: string,
): Promise<TopicRecord[]> {
  const rows = await ask(
    `SELECT key, value, encoding FROM $db.journal_v1 WHERE topic = '${topic}' ORDER BY partition, offset`,
    recordRow,
  );
  return rows.map(({ key, value, encoding }) => ({
    key,
    value: encoding === 'base64' ? Buffer.from(value, 'base64').toString('utf8') : value,
  }));
}

async function consumed(brokers: string, topic: string): Promise<TopicRecord[]> {
  registerCodecs();
  const kafka = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Map(ends.filter(({ high, low }) => high !== low).map((end) => [end.partition, Number(end.high)]));
  if (missing.size === 0) return [];
  const records: TopicRecord[] = [];
  const consumer = kafka.consumer({ groupId: `verify-${process.pid}-${Date.now()}-${topic}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((done, failed) => {
    const late = setTimeout(() => failed(new Error(`the end of ${topic} was not reached`)), 60_000);
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value } of batch.messages)
          records.push({ key: key?.toString() ?? '', value: value?.toString() ?? '' });
        if (Number(batch.lastOffset()) + 1 >= (missing.get(batch.partition) ?? 0)) missing.delete(batch.partition);
        if (missing.size > 0) return;
        clearTimeout(late);
        done();
      },
    });
  });
  await consumer.disconnect();
  return records;
}
