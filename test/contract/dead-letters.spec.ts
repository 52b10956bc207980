import { ClickHouseDeadLetters } from '#clickhouse';
import { epochMs } from '#domain';
import type { DeadLetter, DeadLetters, KeptLetter } from '#pipeline';
import { MemoryDeadLetters } from '#pipeline/testing';
import { EmbeddedStore } from '../support/embedded-store.js';

const embedded = new EmbeddedStore('letters_test');
beforeAll(() => embedded.migrate());
afterAll(() => embedded.close());
beforeEach(async () => {
  for (const table of ['dead_letter_v2', 'dead_letter_replay_v1', 'let_pass_v1'])
    await embedded.store.command(`TRUNCATE TABLE $db.${table}`);
});

describe('dead letters', () => {
  const letters = () => new ClickHouseDeadLetters(embedded.store);
  const aLetter = (offset: number, more: Partial<DeadLetter> = {}): DeadLetter => ({
    id: `t/0/${offset}`,
    reason: 'malformed',
    detail: `'; DROP TABLE x --`,
    topic: 't',
    partition: 0,
    epoch: 0,
    offset,
    key: null,
    value: Buffer.from([0, 255, 254, 10, 34, 39, 92]),
    headers: { ce_id: '号 "1"' },
    at: epochMs(500),
    seenAt: epochMs(1_000),
    ...more,
  });
  const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
  const all = { limit: 100 };

  // What holds in the store holds in memory: the use cases are tested on the latter.
  describe.each([
    ['in the store', letters],
    [
      'in memory',
      (() => {
        let memory = new MemoryDeadLetters();
        beforeEach(() => void (memory = new MemoryDeadLetters()));
        return () => memory;
      })(),
    ],
  ])('%s', (_, open: () => DeadLetters) => {
    it('keep bytes and headers as they came, newest first', async () => {
      await open().bury([aLetter(1), aLetter(2, { key: '客户', value: Buffer.alloc(0) })]);
      const found = await open().page(all);
      expect(idsOf(found)).toEqual(['t/0/2', 't/0/1']);
      const { seenAt, ...first } = aLetter(1);
      const seen = { firstSeenAt: seenAt, lastSeenAt: seenAt, replayed: null };
      expect({ ...found[1]!, value: [...found[1]!.value] }).toEqual({ ...first, ...seen, value: [...first.value] });
      expect(found[0]).toMatchObject({ key: '客户' });
      expect(await open().find('t/0/2')).toMatchObject({ offset: 2 });
      expect(await open().find('t/0/3')).toBeNull();
    });

    it('change nothing when buried again but when they were last seen', async () => {
      await open().bury([aLetter(1), aLetter(2)]);
      const before = await open().page(all);
      for (const seenAt of [3_000, 2_000]) await open().bury([aLetter(1, { seenAt: epochMs(seenAt) })]);
      const [second, first] = await open().page(all);
      expect(second).toEqual(before[0]);
      expect({ ...first!, lastSeenAt: null }).toEqual({ ...before[1]!, lastSeenAt: null });
      expect(first!.lastSeenAt).toBe(3_000);
      expect(await open().groups({}, 10)).toMatchObject([{ count: 2, firstSeenAt: 1_000 }]);
    });

    it('are counted in groups that say the same of the same topic', async () => {
      const other = { detail: 'other', reason: 'invalid' as const, seenAt: epochMs(5_000) };
      await open().bury([aLetter(1), aLetter(2, { seenAt: epochMs(4_000) }), aLetter(3, other)]);
      await open().markReplayed([{ id: 't/0/2', replayed: { at: epochMs(9_000), source: 's', id: 'e' } }]);
      const { reason, detail, topic } = aLetter(1);
      expect(await open().groups({}, 10)).toEqual([
        { reason, detail, topic, count: 2, replayed: 1, firstSeenAt: 1_000, lastSeenAt: 4_000 },
        {
          reason: other.reason,
          detail: other.detail,
          topic,
          count: 1,
          replayed: 0,
          firstSeenAt: 5_000,
          lastSeenAt: 5_000,
        },
      ]);
      expect(await open().groups({ reason: 'invalid' }, 10)).toHaveLength(1);
      expect(await open().groups({ topic: 'u' }, 10)).toEqual([]);
      expect(await open().groups({}, 1)).toHaveLength(1);
    });

    it('are paged without a gap or a repeat, whatever stands at one instant', async () => {
      await open().bury([1, 2, 9, 10, 11].map((offset) => aLetter(offset)));
      await open().bury([aLetter(3, { seenAt: epochMs(2_000) }), aLetter(1, { seenAt: epochMs(3_000) })]);
      const ids: string[] = [];
      let after: KeptLetter | undefined;
      for (;;) {
        const page = await open().page({ limit: 2, ...(after === undefined ? {} : { after }) });
        if (page.length === 0) break;
        ids.push(...idsOf(page));
        after = page.at(-1)!;
      }
      expect(ids).toEqual(['t/0/3', 't/0/11', 't/0/10', 't/0/9', 't/0/2', 't/0/1']);
    });

    it('are found by reason, topic, ids and whether they were replayed', async () => {
      await open().bury([aLetter(1), aLetter(2, { reason: 'oversize' }), aLetter(3, { topic: 'u' })]);
      expect(idsOf(await open().page({ ...all, reason: 'oversize' }))).toEqual(['t/0/2']);
      expect(idsOf(await open().page({ ...all, topic: 'u' }))).toEqual(['t/0/3']);
      expect(idsOf(await open().page({ ...all, ids: ['t/0/1', 't/0/9'] }))).toEqual(['t/0/1']);
      expect(await open().page({ ...all, ids: [] })).toEqual([]);
      await open().markReplayed([{ id: 't/0/1', replayed: { at: epochMs(9_000), source: 's', id: 'e' } }]);
      expect(idsOf(await open().page({ ...all, open: true }))).toEqual(['t/0/3', 't/0/2']);
    });

    it('tell of their first replay, also after they are buried again', async () => {
      await open().bury([aLetter(1)]);
      const replayed = { at: epochMs(9_000), source: 's', id: 'e' };
      await open().markReplayed([{ id: 't/0/1', replayed }]);
      await open().markReplayed([{ id: 't/0/1', replayed: { at: epochMs(9_500), source: 's', id: 'f' } }]);
      await open().bury([aLetter(1, { seenAt: epochMs(9_900) })]);
      expect(await open().find('t/0/1')).toMatchObject({ replayed, lastSeenAt: 9_900 });
    });

    it('say what was refused in a stretch of one partition of one epoch', async () => {
      await open().bury([1, 2, 5, 7].map((offset) => aLetter(offset)));
      await open().bury([
        aLetter(3, { partition: 1, id: 't/1/3' }),
        aLetter(4, { epoch: 1, id: 't/0/4@1' }),
        aLetter(2),
      ]);
      expect(await open().refusedBetween({ topic: 't', partition: 0, epoch: 0 }, 2, 7)).toEqual([2, 5]);
    });

    it('know the last word of an operator on a partition', async () => {
      expect(await open().passOf('t', 0)).toBeNull();
      const pass = { topic: 't', partition: 0, upToOffset: 500, at: epochMs(1_000) };
      await open().letPass({ ...pass, upToOffset: 900 });
      await open().letPass({ ...pass, at: epochMs(2_000) });
      await open().letPass({ ...pass, partition: 1, at: epochMs(3_000) });
      expect(await open().passOf('t', 0)).toEqual({ ...pass, at: 2_000 });
    });
  });

  it('go in whatever a key, a header or a detail holds', async () => {
    const odd = 'a\0b\u2028"\\\n\t客';
    await letters().bury([aLetter(1, { key: odd, detail: odd, headers: { [odd]: odd } })]);
    expect(await letters().find('t/0/1')).toMatchObject({ key: odd, detail: odd, headers: { [odd]: odd } });
    // Half a surrogate pair is no text that anybody could store; it must not stop the letter.
    const half = 'x\uD800y';
    await letters().bury([aLetter(2, { key: half, detail: half, headers: { [half]: half } })]);
    expect(await letters().find('t/0/2')).toMatchObject({ headers: { [half]: half } });
  });

  it('go in however large they are together', async () => {
    const value = Buffer.alloc(9 << 20, 0xff);
    await letters().bury([1, 2, 3].map((offset) => aLetter(offset, { value })));
    expect(idsOf(await letters().page({ limit: 10 }))).toHaveLength(3);
    expect(Buffer.compare((await letters().find('t/0/2'))!.value, value)).toBe(0);
  });
});
