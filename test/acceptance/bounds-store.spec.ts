import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { EventLog } from '#pipeline';
import { EVENT_LOG } from '#pipeline';
import type { InProcessLog } from '#kafka';
import { query } from '../../libs/clickhouse/src/query.js';
import { startProxy } from '../chaos/proxy.js';
import type { FaultProxy } from '../chaos/proxy.js';
import { startStoreServer } from '../chaos/store-server.js';
import type { StoreServer } from '../chaos/store-server.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

const capBytes = 200_000;
const stored = query({
  name: 'test-stored',
  about: 'Events stored, and how many there are of them.',
  sql: `SELECT count() AS rows, uniqExact(id) AS ids,
  (SELECT sum(events) FROM $db.activity_hour_v1) AS inHours FROM $db.event_v1`,
  params: z.object({}),
  row: z.object({ rows: z.number(), ids: z.number(), inHours: z.number() }),
});

/** About 20 kB of events. */
const aRequest = (name: string): string =>
  JSON.stringify(
    Array.from({ length: 100 }, (_, n) => ({
      specversion: '1.0',
      source: 'bounds',
      id: `${name}-${n}`,
      type: 'app_open',
      subject: `customer-${n % 20}`,
      time: new Date().toISOString(),
    })),
  );

/** The app on a store behind a link that breaks: what it tells senders, what it holds, and that it catches up by itself. */
describe('a store that is away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'churnwatch-bounds-'));
  let server: StoreServer;
  let link: FaultProxy;
  let app: Standalone;
  let sentRequests = 0;

  beforeAll(async () => {
    server = await startStoreServer(folder);
    const { hostname: host, port } = new URL(server.url);
    link = await startProxy(() => ({ host, port: Number(port) }));
    app = await startStandalone({
      env: { CLICKHOUSE_URL: `http://127.0.0.1:${link.port}`, HTTP_MAX_INFLIGHT_BYTES: String(capBytes) },
    });
  }, 120_000);
  afterAll(async () => {
    link?.set({ kind: 'pass' });
    await app?.stop();
    app?.forget();
    await link?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const send = async (body: string) => {
    const startedAt = performance.now();
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const response = await fetch(`${app.url}/v1/events`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    const { status } = response;
    return {
      status,
      retryAfter: response.headers.get('retry-after'),
      type: response.headers.get('content-type'),
      tookMs: performance.now() - startedAt,
    };
  };
  const untilTaken = (body: string) =>
    until('the request to be taken', async () => (await send(body)).status === 202, 90_000);

  it.each(['down', 'blackhole'] as const)(
    'answers 503 or 429 in bounded time while it is %s, holds no more than its caps, and catches up',
    async (kind) => {
      const log = app.app.get<EventLog>(EVENT_LOG, { strict: false }) as unknown as InProcessLog;
      await untilTaken(aRequest(`before-${kind}`));
      sentRequests += 1;
      link.set({ kind });
      const bodies = Array.from({ length: 40 }, (_, n) => aRequest(`${kind}-${n}`));
      const answers = Promise.all(bodies.map(send));
      let mostHeld = 0;
      const watching = setInterval(
        () => void log.heldBytes().then((held) => (mostHeld = Math.max(mostHeld, held))),
        20,
      );
      for (const { status, retryAfter, type, tookMs } of await answers) {
        expect([429, 503]).toContain(status);
        expect(Number(retryAfter)).toBeGreaterThan(0);
        expect(type).toContain('application/problem+json');
        expect(tookMs).toBeLessThan(30_000);
      }
      clearInterval(watching);
      // A record is some three times as large as the event in a request, and no more than the cap is under way at once.
      expect(mostHeld).toBeLessThan(capBytes * 6);
      link.set({ kind: 'pass' });
      for (const body of bodies) await untilTaken(body);
      sentRequests += bodies.length;
      await until(
        'every event to be counted once',
        async () => {
          const [{ rows, ids, inHours } = { rows: 0, ids: 0, inHours: 0 }] = await app.store
            .rows(stored, {})
            .catch(() => []);
          return ids === sentRequests * 100 && rows === ids && inHours === rows;
        },
        90_000,
      );
    },
    300_000,
  );
});
