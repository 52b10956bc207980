import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { ClickHouseEvaluator, ClickHouseWindowStore, migrate, Store } from '#clickhouse';
import type { ActivityEvent } from '#domain';
import { customerId, epochMs, tenantId } from '#domain';
import { loadPack } from '#pipeline';
import { query } from '../../libs/clickhouse/src/query.js';
import { startProxy } from './proxy.js';
import type { FaultProxy } from './proxy.js';
import { startStoreServer } from './store-server.js';
import type { StoreServer } from './store-server.js';

const odd = "it's a \\ back\tslash \n line {x:String}";
const echo = query({
  name: 'test-echo',
  about: 'What was bound.',
  sql: 'SELECT {text:String} AS text, {numbers:Array(Int64)} AS numbers, {names:Array(String)} AS names, toUInt64(9) AS big',
  params: z.object({ text: z.string(), numbers: z.array(z.number()), names: z.array(z.string()) }),
  row: z.object({ text: z.string(), numbers: z.array(z.number()), names: z.array(z.string()), big: z.number() }),
});
const count = query({
  name: 'test-count',
  about: 'How many.',
  sql: 'SELECT count() AS n FROM $db.numbers',
  params: z.object({}),
  row: z.object({ n: z.number() }),
});

describe('the store behind HTTP', () => {
  const path = mkdtempSync(join(tmpdir(), 'churnwatch-store-server-'));
  let server: StoreServer;
  let store: Store;
  beforeAll(async () => {
    server = await startStoreServer(path);
    store = new Store({ url: server.url, username: 'default', password: '', database: 'churnwatch' });
    await migrate(store);
    await store.command('CREATE TABLE $db.numbers (n UInt64) ENGINE = MergeTree ORDER BY n');
  });
  afterAll(async () => {
    await store.close();
    await server.close();
    rmSync(path, { recursive: true, force: true });
  });

  it('is migrated, asked and filled through the product’s own client', async () => {
    const params = { text: odd, numbers: [1, -2], names: [odd, ''] };
    expect(await store.rows(echo, params)).toEqual([{ ...params, big: 9 }]);
    await store.insert('numbers', ['n'], [[1], [2]]);
    expect(await store.rows(count, {})).toEqual([{ n: 2 }]);
  });

  it('answers about very many customers with long names at once, however much fits into an address or a parameter', async () => {
    const tenant = tenantId('default');
    const at = epochMs(Date.UTC(2026, 0, 5, 12));
    const topic = 'churnwatch.activity.v1';
    const common = { tenant, source: 'test', type: 'app_open', occurredAt: at, receivedAt: at, amount: null } as const;
    const events = Array.from({ length: 3_000 }, (_, offset): ActivityEvent & { offset: number } => ({
      ...common,
      id: `${offset}`,
      offset,
      customer: customerId(`客户 d'${'x'.repeat(100)}-${offset}`),
      platform: '',
      channel: '',
      appVersion: '',
      attributes: {},
    }));
    const windows = new ClickHouseWindowStore(store);
    const chunk = { topic, partition: 0, epoch: 0, firstOffset: 0, lastOffset: events.length - 1 };
    await windows.fold(chunk, events, await windows.takeOver(topic, 0));
    const evaluator = new ClickHouseEvaluator(store, loadPack('packs/app'));
    const evaluations = await evaluator.evaluate(events.map(({ customer }) => ({ tenant, customer, asOf: at })));
    expect(new Set(evaluations.map(({ customer }) => customer))).toEqual(new Set(events.map((each) => each.customer)));
  }, 60_000);

  it('refuses with ClickHouse’s own number, and cuts the line before or after the work', async () => {
    const match = 'numbers';
    server.plan({ fault: { kind: 'refuse', code: 252, type: 'TOO_MANY_PARTS' }, match, times: 1 });
    await expect(store.insert('numbers', ['n'], [[3]])).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      retryable: true,
    });
    server.plan({ fault: { kind: 'swallow' }, match, times: 1 });
    await expect(store.insert('numbers', ['n'], [[4]])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    server.plan({ fault: { kind: 'reset' }, match, times: 1 });
    await expect(store.insert('numbers', ['n'], [[5]])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.rows(count, {})).toEqual([{ n: 3 }]);
    expect(Object.fromEntries(server.hits)).toEqual({ refuse: 1, swallow: 1, reset: 1 });
  });
});

describe('the proxy', () => {
  const served = createServer((_, response) => response.end('yes'));
  let proxy: FaultProxy;
  beforeAll(async () => {
    served.listen(0, '127.0.0.1');
    await once(served, 'listening');
    proxy = await startProxy(() => ({ host: '127.0.0.1', port: (served.address() as AddressInfo).port }));
  });
  afterAll(async () => {
    await proxy.close();
    served.closeAllConnections();
    served.close();
  });
  // Each on a connection of its own: one kept from before may be dead without anybody knowing yet.
  const ask = (): Promise<string> =>
    new Promise((answer, failed) => {
      const options = { host: '127.0.0.1', port: proxy.port, agent: false, signal: AbortSignal.timeout(500) };
      get(options, (response) => text(response).then(answer, failed)).on('error', failed);
    });

  it.each([{ kind: 'down' }, { kind: 'blackhole' }, { kind: 'swallow-replies' }] as const)(
    'lets nothing come back while $kind, and everything afterwards',
    async (state) => {
      expect(await ask()).toBe('yes');
      proxy.set(state);
      await expect(ask()).rejects.toThrow();
      proxy.set({ kind: 'pass' });
      expect(await ask()).toBe('yes');
    },
  );

  it('delays, and survives a reset', async () => {
    proxy.set({ kind: 'delay', ms: 5 });
    expect(await ask()).toBe('yes');
    proxy.reset();
    expect(await ask()).toBe('yes');
    expect(proxy.state.kind).toBe('delay');
    proxy.set({ kind: 'pass' });
  });
});
