import { Store } from '#clickhouse';
import { z } from 'zod';
import { fenceText } from '#pipeline';
import type { Fence } from '#pipeline';
import { takeFence } from '../../libs/clickhouse/src/fence.js';
import { EmbeddedStore } from '../support/embedded-store.js';

const embedded = new EmbeddedStore('fence_test');
const { store } = embedded;
beforeAll(async () => {
  await embedded.migrate();
});
afterAll(() => embedded.close());

const columns = ['tenant', 'id', 'source', 'type', 'customer', 'occurred_at', 'received_at', 'attributes', 'fence'];
const rowsOf = (name: string, count: number, fence: Fence): unknown[][] =>
  Array.from({ length: count }, (_, n) => [
    'default',
    `${name}-${n}`,
    'test',
    'order',
    'ada',
    3_600_000 * (n % 3),
    0,
    '{}',
    n === 0 ? fenceText(fence) : '',
  ]);
const insert = (rows: readonly unknown[][], token: string): Promise<void> =>
  store.insert('inbox_door_v1', columns, rows, token);

const countOf = async (table: string, name: string): Promise<number> => {
  const what = table === 'event_v1' ? `countIf(startsWith(id, '${name}-'))` : 'sum(events)';
  const [row] = await store.rows(
    {
      name: 'count',
      about: 'For this spec.',
      sql: `SELECT ${what} AS n FROM $db.${table}`,
      params: z.object({}),
      row: z.object({ n: z.number() }),
    },
    {},
  );
  return row!.n;
};

describe('the door of a table', () => {
  it('lets the holder in, once for each token', async () => {
    const fence = await takeFence(store, 'door/1');
    await insert(rowsOf('a', 5, fence), 'a');
    await insert(rowsOf('a', 5, fence), 'a');
    expect(await countOf('event_v1', 'a')).toBe(5);
    // A repeat by the next owner carries another fence under the same token.
    await insert(rowsOf('a', 5, await takeFence(store, 'door/1')), 'a');
    expect(await countOf('event_v1', 'a')).toBe(5);
  });

  it('refuses whoever held it before as a whole, in the table and in every window', async () => {
    const first = await takeFence(store, 'door/2');
    await insert(rowsOf('b', 2, first), 'b');
    const before = [await countOf('activity_hour_v1', ''), await countOf('activity_day_v1', '')];
    const second = await takeFence(store, 'door/2');
    await expect(insert(rowsOf('c', 20_000, first), 'c')).rejects.toMatchObject({ code: 'FENCED', retryable: false });
    expect(await countOf('event_v1', 'c')).toBe(0);
    expect([await countOf('activity_hour_v1', ''), await countOf('activity_day_v1', '')]).toEqual(before);
    // The refused token is not taken for stored.
    await insert(rowsOf('c', 3, second), 'c');
    expect(await countOf('event_v1', 'c')).toBe(3);
  });

  it('knows one resource from another', async () => {
    const one = await takeFence(store, 'door/3');
    await takeFence(store, 'door/33');
    await insert(rowsOf('d', 1, one), 'd');
    expect(await countOf('event_v1', 'd')).toBe(1);
  });

  it('has one holder when many take it at once', async () => {
    const fences = await Promise.all(Array.from({ length: 8 }, () => takeFence(store, 'door/4')));
    const outcomes = await Promise.allSettled(fences.map((fence, n) => insert(rowsOf(`e${n}`, 1, fence), `e${n}`)));
    const highest = fences.toSorted((a, b) => a.generation - b.generation || (a.owner < b.owner ? -1 : 1)).at(-1)!;
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(fences.map((fence) => fence === highest));
  });

  it('stands open to a row without a fence', async () => {
    const fence = await takeFence(store, 'door/5');
    const rows = rowsOf('f', 2, fence).map((row) => [...row.slice(0, -1), '']);
    await insert(rows, 'f');
    expect(await countOf('event_v1', 'f')).toBe(2);
  });

  it('holds after a restart', async () => {
    const fence = await takeFence(store, 'door/6');
    await takeFence(store, 'door/6');
    const again = new Store({ path: embedded.folder, database: 'fence_test' });
    await expect(again.insert('inbox_door_v1', columns, rowsOf('g', 1, fence), 'g')).rejects.toMatchObject({
      code: 'FENCED',
    });
    await again.close();
  });
});
