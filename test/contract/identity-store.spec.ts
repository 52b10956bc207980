import { ClickHouseIdentityStore } from '#clickhouse';
import { customerId, epochMs, tenantId } from '#domain';
import type { Chunk, CountedHash } from '#pipeline';
import { z } from 'zod';
import { identityHash } from '../../libs/pipeline/src/tracker/identity.js';
import type { Identity } from '../../libs/pipeline/src/tracker/identity.js';
import { EmbeddedStore } from '../support/embedded-store.js';

const embedded = new EmbeddedStore('identity_test');
const topic = 'churnwatch.activity.v1';
const columns = ['tenant', 'customer', 'source', 'id', 'received_at', 'occurred_at', 'type', 'attributes'];
const placeColumns = ['topic', 'partition', 'epoch', 'offset'];

beforeAll(async () => {
  await embedded.migrate();
});
afterAll(() => embedded.close());
beforeEach(() => embedded.store.command('TRUNCATE TABLE $db.counted_v1'));

const who = (id: string, more: Partial<Identity> = {}): Identity => ({
  tenant: tenantId('default'),
  customer: customerId('ada'),
  source: 'shop',
  id,
  ...more,
});
const aChunk = (firstOffset: number, more: Partial<Chunk> = {}): Chunk => ({
  topic,
  partition: 0,
  epoch: 0,
  firstOffset,
  lastOffset: firstOffset + 9,
  ...more,
});

/** Records n came at second n, unless told otherwise; through the inbox, under the chunk's token. */
async function counted(chunk: Chunk, identities: readonly Identity[], token = JSON.stringify(chunk)): Promise<void> {
  const rows = identities.map(({ tenant, customer, source, id }, index) => {
    const offset = chunk.firstOffset + index;
    const event = [tenant, customer, source, id, offset * 1_000, offset * 1_000, 'order', '{}'];
    return [...event, chunk.topic, chunk.partition, chunk.epoch, offset];
  });
  await embedded.store.insert('inbox_v1', [...columns, ...placeColumns], rows, token);
}

const identities = (pageSize?: number) => new ClickHouseIdentityStore(embedded.store, pageSize);
const before = async (chunk: Chunk, asked: readonly Identity[], since = 0): Promise<string[]> =>
  (await identities().before(chunk, asked.map(identityHash), epochMs(since))).map(({ id }) => id).sort();
async function pages(pageSize: number, since = 0, partition = 0): Promise<(readonly CountedHash[])[]> {
  const all = [];
  for await (const page of identities(pageSize).newest(topic, partition, epochMs(since))) all.push(page);
  return all;
}

describe('identities of counted events', () => {
  it('are found by their hash, as they were', async () => {
    const strange = [
      who('1'),
      who(`it's "quoted" \\ {x:String} %`, { source: 'https://例え.example/é?a=b&c' }),
      who('客户-🦉', { customer: customerId('客户 "三"'), tenant: tenantId('über') }),
      who('x'.repeat(200), { source: '' }),
    ];
    await counted(aChunk(0), strange);
    const found = await identities().before(aChunk(10), strange.map(identityHash), epochMs(0));
    expect([...found].sort((a, b) => a.receivedAt - b.receivedAt)).toEqual(
      strange.map((identity, offset) => ({ ...identity, receivedAt: offset * 1_000 })),
    );
    expect(await before(aChunk(10), [who('2'), who('1', { source: 'shop2' })])).toEqual([]);
    expect(await before(aChunk(10), [])).toEqual([]);
  });

  it('stand before a chunk by epoch and offset, in its own partition only', async () => {
    await counted(aChunk(0), [who('a'), who('b'), who('c')]);
    await counted(aChunk(0, { partition: 1 }), [who('d')]);
    await counted(aChunk(0, { topic: 'other' }), [who('e')]);
    const all = ['a', 'b', 'c', 'd', 'e'].map((id) => who(id));
    expect(await before(aChunk(0), all)).toEqual([]);
    expect(await before(aChunk(2), all)).toEqual(['a', 'b']);
    expect(await before(aChunk(0, { epoch: 1 }), all)).toEqual(['a', 'b', 'c']);
    expect(await before(aChunk(9), all, 1_000)).toEqual(['b', 'c']);
  });

  it('are kept once, however often their chunk is stored', async () => {
    for (let time = 0; time < 3; time++) await counted(aChunk(0), [who('a'), who('b')]);
    expect(await before(aChunk(9), [who('a'), who('b')])).toEqual(['a', 'b']);
    // Otherwise the line above would hold on any table.
    await counted(aChunk(0), [who('a')], 'another name');
    expect(await before(aChunk(9), [who('a')])).toEqual(['a', 'a']);
  });

  it('come newest first, in pages, every one of them, their hash to the last bit', async () => {
    const many = Array.from({ length: 25 }, (_, n) => who(String(n)));
    await counted(aChunk(0), many);
    const [all, ...rest] = await pages(100);
    expect(rest).toEqual([]);
    expect(all).toEqual(many.map((identity, n) => [identityHash(identity), n * 1_000]).toReversed());
    for (const size of [1, 5, 7, 25]) {
      const cut = await pages(size);
      expect(cut.flat()).toEqual(all);
      expect(cut[0]).toHaveLength(size);
    }
    expect((await pages(10, 20_000)).flat()).toEqual(all!.slice(0, 5));
    expect(await pages(10, 0, 1)).toEqual([]);
  });

  it('are many at one instant and still come in pages', async () => {
    const chunk = aChunk(5);
    for (let n = 0; n < 30; n++) await counted(chunk, [who(String(n))], String(n));
    const hashes = (await pages(7)).flat().map(([hash]) => hash);
    expect(hashes).toHaveLength(30);
    expect(new Set(hashes).size).toBe(30);
  });

  it('are searched by the key of the table, not by reading it through', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => who(String(n)));
    await counted(aChunk(0), many);
    const plan = await embedded.store.rows(
      {
        name: 'test-plan',
        about: 'How the engine goes about one hash.',
        sql: `EXPLAIN indexes = 1 SELECT id FROM $db.counted_v1
WHERE topic = {topic:String} AND partition = 0 AND hash IN {hashes:Array(UInt64)}`,
        params: z.object({ topic: z.string(), hashes: z.array(z.bigint()) }),
        row: z.object({ explain: z.string() }),
      },
      { topic, hashes: [identityHash(who('7'))] },
    );
    const granules = plan.flatMap(({ explain }) => /Granules: (\d+)\/(\d+)/.exec(explain)?.slice(1) ?? []).map(Number);
    expect(granules[0]).toBe(1);
    expect(granules[1]).toBeGreaterThan(15);
  });
});
