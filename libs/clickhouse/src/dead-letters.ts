import { z } from 'zod';
import type { RejectReason } from '#domain';
import { epochMs, rejectReasons } from '#domain';
import type {
  DeadLetter,
  DeadLetters,
  KeptLetter,
  LetPass,
  LetterFilter,
  LetterGroup,
  LetterQuery,
  LetterSource,
  Replayed,
} from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

const reason = z.enum(rejectReasons as readonly RejectReason[] as [RejectReason, ...RejectReason[]]);

const letterRow = z.object({
  id: z.string(),
  reason,
  detail: z.string(),
  topic: z.string(),
  partition: z.number(),
  epoch: z.number(),
  offset: z.number(),
  key: z.string().nullable(),
  value: z.string(),
  headers: z.string(),
  arrivedAt: z.number(),
  firstSeenAt: z.number(),
  lastSeenAt: z.number(),
  replayedAt: z.number(),
  replayedSource: z.string(),
  replayedId: z.string(),
});

const letterColumns = `id, reason, detail, topic, partition, epoch, offset, key, value_base64 AS value, headers, arrived_at AS arrivedAt,
  first_seen_at AS firstSeenAt, last_seen_at AS lastSeenAt, replayedAt, replayedSource, replayedId`;

/** Of several replays the first one counts. */
const replays = `(
  SELECT letter, min(at) AS replayedAt, argMin(source, at) AS replayedSource, argMin(event, at) AS replayedId
  FROM $db.dead_letter_replay_v1 GROUP BY letter
)`;

const filter = `({reason:String} = '' OR reason = {reason:String}) AND ({topic:String} = '' OR topic = {topic:String})`;
const filterParams = z.object({ reason: z.string(), topic: z.string() });

export const deadLetterPage = query({
  name: 'dead-letter-page',
  about: 'Refused records, newest first, behind a cursor.',
  // Which letters is found without their bytes, which are most of the table.
  sql: `SELECT ${letterColumns}
FROM $db.dead_letter_v2 FINAL LEFT JOIN ${replays} AS replay ON replay.letter = id
WHERE (topic, partition, epoch, offset, id) IN (
  SELECT topic, partition, epoch, offset, id FROM $db.dead_letter_v2 FINAL
  WHERE ${filter}
    AND (empty({ids:Array(String)}) OR id IN {ids:Array(String)})
    AND ({open:UInt8} = 0 OR id NOT IN (SELECT letter FROM $db.dead_letter_replay_v1))
    AND (first_seen_at, offset, id) < ({beforeAt:Int64}, {beforeOffset:UInt64}, {beforeId:String})
  ORDER BY first_seen_at DESC, offset DESC, id DESC LIMIT {limit:UInt32}
)
ORDER BY first_seen_at DESC, offset DESC, id DESC`,
  params: filterParams.extend({
    ids: z.array(z.string()),
    open: z.number(),
    beforeAt: z.number(),
    beforeOffset: z.number(),
    beforeId: z.string(),
    limit: z.number(),
  }),
  row: letterRow,
});

export const deadLetterGroups = query({
  name: 'dead-letter-groups',
  about: 'Refused records that say the same of the same topic, the largest groups first.',
  sql: `SELECT reason, detail, topic, count() AS count, countIf(id IN (SELECT letter FROM $db.dead_letter_replay_v1)) AS replayed,
  min(first_seen_at) AS firstSeenAt, max(last_seen_at) AS lastSeenAt
FROM $db.dead_letter_v2 FINAL
WHERE ${filter}
GROUP BY reason, detail, topic ORDER BY count DESC, lastSeenAt DESC LIMIT {limit:UInt32}`,
  params: filterParams.extend({ limit: z.number() }),
  row: z.object({
    reason,
    detail: z.string(),
    topic: z.string(),
    count: z.number(),
    replayed: z.number(),
    firstSeenAt: z.number(),
    lastSeenAt: z.number(),
  }),
});

export const refusedOffsets = query({
  name: 'refused-offsets',
  about: 'Which offsets of a stretch of a partition were refused.',
  sql: `SELECT DISTINCT offset FROM $db.dead_letter_v2
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND epoch = {epoch:UInt32}
  AND offset >= {from:UInt64} AND offset < {to:UInt64}
ORDER BY offset`,
  params: z.object({
    topic: z.string(),
    partition: z.number(),
    epoch: z.number(),
    from: z.number(),
    to: z.number(),
  }),
  row: z.object({ offset: z.number() }),
});

export const lastLetPass = query({
  name: 'last-let-pass',
  about: 'Up to which offset an operator last let a partition’s refused records pass.',
  sql: `SELECT up_to_offset AS upToOffset, at FROM $db.let_pass_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} ORDER BY at DESC, up_to_offset DESC LIMIT 1`,
  params: z.object({ topic: z.string(), partition: z.number() }),
  row: z.object({ upToOffset: z.number(), at: z.number() }),
});

/** Letters may be as large as records are, and an insert is one text. */
const mostInsertBytes = 16 << 20;

export class ClickHouseDeadLetters implements DeadLetters {
  constructor(private readonly store: Store) {}

  async bury(letters: readonly DeadLetter[]): Promise<void> {
    for (const some of slices(letters)) {
      await this.store.insert(
        'dead_letter_v2',
        [
          'id',
          'reason',
          'detail',
          'topic',
          'partition',
          'epoch',
          'offset',
          'key',
          'value_base64',
          'headers',
          'arrived_at',
          'first_seen_at',
          'last_seen_at',
        ],
        some.map((letter) => [
          letter.id,
          letter.reason,
          storable(letter.detail),
          letter.topic,
          letter.partition,
          letter.epoch,
          letter.offset,
          letter.key === null ? null : storable(letter.key),
          Buffer.from(letter.value).toString('base64'),
          JSON.stringify(letter.headers),
          letter.at,
          letter.seenAt,
          letter.seenAt,
        ]),
      );
    }
  }

  async page({ reason, topic, ids, open, after, limit }: LetterQuery): Promise<readonly KeptLetter[]> {
    if (ids?.length === 0) return [];
    const rows = await this.store.rows(deadLetterPage, {
      ...narrowed({ reason, topic }),
      ids: [...(ids ?? [])],
      open: open === true ? 1 : 0,
      beforeAt: after?.firstSeenAt ?? Number.MAX_SAFE_INTEGER,
      beforeOffset: after?.offset ?? 0,
      beforeId: after?.id ?? '',
      limit,
    });
    return rows.map(letterOf);
  }

  async find(id: string): Promise<KeptLetter | null> {
    const [letter] = await this.page({ ids: [id], limit: 1 });
    return letter ?? null;
  }

  async groups(asked: LetterFilter, limit: number): Promise<readonly LetterGroup[]> {
    const rows = await this.store.rows(deadLetterGroups, { ...narrowed(asked), limit });
    return rows.map((row) => ({
      ...row,
      firstSeenAt: epochMs(row.firstSeenAt),
      lastSeenAt: epochMs(row.lastSeenAt),
    }));
  }

  async markReplayed(entries: readonly { readonly id: string; readonly replayed: Replayed }[]): Promise<void> {
    const rows = entries.map(({ id, replayed }) => [id, replayed.at, replayed.source, replayed.id]);
    await this.store.insert('dead_letter_replay_v1', ['letter', 'at', 'source', 'event'], rows);
  }

  async refusedBetween(source: LetterSource, from: number, to: number): Promise<readonly number[]> {
    const { topic, partition, epoch } = source;
    const rows = await this.store.rows(refusedOffsets, { topic, partition, epoch, from, to });
    return rows.map(({ offset }) => offset);
  }

  async letPass({ topic, partition, upToOffset, at }: LetPass): Promise<void> {
    const columns = ['topic', 'partition', 'up_to_offset', 'at'];
    await this.store.insert('let_pass_v1', columns, [[topic, partition, upToOffset, at]]);
  }

  async passOf(topic: string, partition: number): Promise<LetPass | null> {
    const [row] = await this.store.rows(lastLetPass, { topic, partition });
    return row === undefined ? null : { topic, partition, upToOffset: row.upToOffset, at: epochMs(row.at) };
  }
}

const narrowed = ({
  reason = undefined,
  topic = undefined,
}: {
  reason?: string | undefined;
  topic?: string | undefined;
}) => ({
  reason: reason ?? '',
  topic: topic ?? '',
});

/** The engine refuses an insert with half a surrogate pair in it, and one letter must not stop the others. */
const storable = (text: string): string => text.replace(/\p{Cs}/gu, '\uFFFD');

function* slices(letters: readonly DeadLetter[]): Generator<readonly DeadLetter[]> {
  let slice: DeadLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    if (slice.length > 0 && bytes + letter.value.byteLength > mostInsertBytes) {
      yield slice;
      [slice, bytes] = [[], 0];
    }
    slice.push(letter);
    bytes += letter.value.byteLength;
  }
  yield slice;
}

const letterOf = (row: z.output<typeof letterRow>): KeptLetter => {
  const { arrivedAt, firstSeenAt, lastSeenAt, replayedAt, replayedSource, replayedId, ...letter } = row;
  return {
    ...letter,
    value: Buffer.from(row.value, 'base64'),
    headers: JSON.parse(row.headers) as Record<string, string>,
    at: epochMs(arrivedAt),
    firstSeenAt: epochMs(firstSeenAt),
    lastSeenAt: epochMs(lastSeenAt),
    replayed: replayedAt === 0 ? null : { at: epochMs(replayedAt), source: replayedSource, id: replayedId },
  };
};
