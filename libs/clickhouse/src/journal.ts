import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { epochMs } from '#domain';
import type { Journal, LogMessage, LogRecord, PartitionEnd } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const journalEnds = query({
  name: 'journal-ends',
  about: 'How far each partition of the embedded log reaches.',
  sql: `SELECT topic, partition, min(offset) AS startOffset, max(offset) + 1 AS endOffset FROM $db.journal_v1 GROUP BY topic, partition`,
  params: z.object({}),
  row: z.object({ topic: z.string(), partition: z.number(), startOffset: z.number(), endOffset: z.number() }),
});

export const journalRecords = query({
  name: 'journal-records',
  about: 'Records of the embedded log from an offset on.',
  sql: `SELECT offset, key, value, encoding, headers, timestamp FROM $db.journal_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND offset >= {from:UInt64}
ORDER BY offset LIMIT {limit:UInt32}`,
  params: z.object({ topic: z.string(), partition: z.number(), from: z.number(), limit: z.number() }),
  row: z.object({
    offset: z.number(),
    key: z.string(),
    value: z.string(),
    encoding: z.enum(['utf8', 'base64', 'tombstone']),
    headers: z.string(),
    timestamp: z.number(),
  }),
});

/** What the embedded log accepted, in the engine: after a kill every accepted record is still there. */
export class ClickHouseJournal implements Journal {
  constructor(private readonly store: Store) {}

  async append(topic: string, partition: number, firstOffset: number, messages: readonly LogMessage[]): Promise<void> {
    await this.store.insert(
      'journal_v1',
      ['topic', 'partition', 'offset', 'key', 'value', 'encoding', 'headers', 'timestamp'],
      messages.map((message, index) => [
        topic,
        partition,
        firstOffset + index,
        message.key,
        ...written(message.value),
        JSON.stringify(message.headers ?? {}),
        message.timestamp,
      ]),
    );
  }

  async ends(): Promise<readonly PartitionEnd[]> {
    return this.store.rows(journalEnds, {});
  }

  async read(topic: string, partition: number, fromOffset: number, limit: number): Promise<readonly LogRecord[]> {
    const rows = await this.store.rows(journalRecords, { topic, partition, from: fromOffset, limit });
    return rows.map((row) => ({
      offset: row.offset,
      key: row.key,
      value: row.encoding === 'tombstone' ? null : Buffer.from(row.value, row.encoding),
      headers: JSON.parse(row.headers) as Record<string, string>,
      timestamp: epochMs(row.timestamp),
    }));
  }
}

/** Value and encoding: rows travel to the engine as JSON, which cannot hold bytes that are no UTF-8. */
function written(value: Uint8Array | null): [string, string] {
  if (value === null) return ['', 'tombstone'];
  const encoding = isUtf8(value) ? 'utf8' : 'base64';
  return [Buffer.from(value).toString(encoding), encoding];
}
