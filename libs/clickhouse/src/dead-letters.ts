import { z } from 'zod';
import type { RejectReason } from '#domain';
import { epochMs, rejectReasons } from '#domain';
import type { DeadLetter, DeadLetters } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const newestDeadLetters = query({
  name: 'newest-dead-letters',
  about: 'The records refused last, with their bytes.',
  sql: `SELECT id, reason, detail, topic, partition, offset, key, value_base64 AS value, at
FROM $db.dead_letter_v1 FINAL ORDER BY at DESC, id DESC LIMIT {limit:UInt32}`,
  params: z.object({ limit: z.number() }),
  row: z.object({
    id: z.string(),
    reason: z.enum(rejectReasons as readonly RejectReason[] as [RejectReason, ...RejectReason[]]),
    detail: z.string(),
    topic: z.string(),
    partition: z.number(),
    offset: z.number(),
    key: z.string().nullable(),
    value: z.string(),
    at: z.number(),
  }),
});

export class ClickHouseDeadLetters implements DeadLetters {
  constructor(private readonly store: Store) {}

  async bury(letters: readonly DeadLetter[]): Promise<void> {
    await this.store.insert(
      'dead_letter_v1',
      ['id', 'reason', 'detail', 'topic', 'partition', 'offset', 'key', 'value_base64', 'at'],
      letters.map((letter) => [
        letter.id,
        letter.reason,
        letter.detail,
        letter.topic,
        letter.partition,
        letter.offset,
        letter.key,
        Buffer.from(letter.value).toString('base64'),
        letter.at,
      ]),
    );
  }

  async list(limit: number): Promise<readonly DeadLetter[]> {
    const rows = await this.store.rows(newestDeadLetters, { limit });
    return rows.map((row) => ({ ...row, value: Buffer.from(row.value, 'base64'), at: epochMs(row.at) }));
  }
}
