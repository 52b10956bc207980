import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Store } from '#clickhouse';
import { query } from '../../libs/clickhouse/src/query.js';
import { Random } from '../../libs/simulator/src/random.js';
import { StandaloneProcess } from '../support/standalone-process.js';
import { until } from '../support/standalone.js';

const seed = 20_261_122;
const kills = 6;
const eventsPerRequest = 40;

const storedEvents = query({
  name: 'test-stored-events',
  about: 'How often each event is stored.',
  sql: 'SELECT id, count() AS times FROM $db.event_v1 GROUP BY id',
  params: z.object({}),
  row: z.object({ id: z.string(), times: z.number() }),
});
const uneven = query({
  name: 'test-uneven-windows',
  about: 'Customers and types of whom a window counts other than the events themselves.',
  sql: `SELECT customer, type, sum(stored) AS inEvents, sum(hours) AS inHours, sum(days) AS inDays FROM (
  SELECT customer, type, toUInt64(1) AS stored, toUInt64(0) AS hours, toUInt64(0) AS days FROM $db.event_v1
  UNION ALL SELECT customer, type, 0, events, 0 FROM $db.activity_hour_v1
  UNION ALL SELECT customer, type, 0, 0, events FROM $db.activity_day_v1
) GROUP BY customer, type HAVING inEvents != inHours OR inEvents != inDays`,
  params: z.object({}),
  row: z.object({
    customer: z.string(),
    type: z.string(),
    inEvents: z.number(),
    inHours: z.number(),
    inDays: z.number(),
  }),
});

interface Request {
  readonly ids: readonly string[];
  readonly body: string;
  tries: number;
  acknowledged: boolean;
}

/** A request that is sent again, as it is, after a lost answer. */
function aRequest(number: number): Request {
  const types = ['app_open', 'order', 'crash', 'page_view'];
  const events = Array.from({ length: eventsPerRequest }, (_, n) => ({
    specversion: '1.0',
    source: 'killed',
    id: `${number}-${n}`,
    type: types[(number + n) % types.length],
    subject: `customer-${(number * 7 + n) % 25}`,
    time: new Date(Date.now() - ((number * 31 + n * 977) % 86_400) * 1_000).toISOString(),
  }));
  return { ids: events.map(({ id }) => id), body: JSON.stringify(events), tries: 0, acknowledged: false };
}

const root = mkdtempSync(join(tmpdir(), 'churnwatch-killed-'));
// Small chunks, so that a kill often falls between two of them.
const app = new StandaloneProcess(root, { TRACKER_MAX_CHUNK_RECORDS: '25' });

/** True once it has been answered 202; false when nobody answered. Anything else is a mistake. */
async function send(url: string, body: string): Promise<boolean> {
  let status: number;
  try {
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    ({ status } = await fetch(`${url}/v1/events`, { method: 'POST', headers, body }));
  } catch {
    return false;
  }
  if (status !== 202 && status !== 503) throw new Error(`the gateway answered ${status}`);
  return status === 202;
}

const random = new Random(seed);
const requests: Request[] = [];

/** Four senders at once until so many answers have come, and the process dies under them a moment later. */
async function sendUntilKilled(url: string, answers: number, momentMs: number): Promise<void> {
  let acknowledged = 0;
  let killed: Promise<void> | undefined;
  const unanswered = requests.filter((request) => !request.acknowledged);
  const sender = async (): Promise<void> => {
    for (;;) {
      const request = unanswered.pop() ?? aRequest(requests.length);
      if (request.tries === 0) requests.push(request);
      request.tries += 1;
      if (!(await send(url, request.body))) return;
      request.acknowledged = true;
      if (++acknowledged === answers) {
        killed = new Promise((resolve) => setTimeout(resolve, momentMs)).then(() => app.end('SIGKILL'));
      }
    }
  };
  await Promise.all([sender(), sender(), sender(), sender()]);
  await killed;
}

beforeAll(() => StandaloneProcess.prepare(), 300_000);
afterAll(async () => {
  await app.end('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

it('a process killed again and again loses no acknowledged event and counts none twice, however often it is sent', async () => {
  for (let round = 0; round < kills; round++)
    await sendUntilKilled(await app.start(), random.whole(1, 12), random.whole(0, 150));

  const url = await app.start();
  for (const request of requests.filter(({ acknowledged }) => !acknowledged)) {
    request.tries += 1;
    request.acknowledged = await send(url, request.body);
  }
  // Whether the lost answers were to requests that had been taken in is left to chance; these had been.
  const sentAgain = requests.filter(({ tries }) => tries === 1).slice(0, 10);
  for (const request of sentAgain) expect(await send(url, request.body)).toBe(true);
  // Partitions are read in order: whoever finds these last ones finds all before them.
  const last = { app_open: 'last-activity', order: 'last-transaction' };
  const time = new Date().toISOString();
  const lastEvents = Object.entries(last).map(([type, subject]) => ({
    id: subject,
    source: 'killed',
    type,
    subject,
    time,
  }));
  expect(await send(url, JSON.stringify(lastEvents))).toBe(true);
  for (const customer of Object.values(last)) {
    await until(customer, async () => (await fetch(`${url}/v1/customers/${customer}`)).status === 200, 120_000);
  }
  await app.end('SIGTERM');

  const store = new Store({ path: join(root, 'engine'), database: 'churnwatch' });
  try {
    const times = new Map((await store.rows(storedEvents, {})).map((row) => [row.id, row.times]));
    const unanswered = requests.filter(({ tries }) => tries > 1);
    const lost = requests.flatMap(({ ids }) => ids.filter((id) => !times.has(id)));
    const twice = requests.flatMap(({ ids }) => ids.filter((id) => times.get(id) !== 1));
    // Nothing would be shown by a run in which no answer was lost, or hardly any came.
    expect(requests.every(({ acknowledged }) => acknowledged)).toBe(true);
    expect(unanswered.length).toBeGreaterThan(0);
    expect(sentAgain).toHaveLength(10);
    expect({ lost, twice }).toEqual({ lost: [], twice: [] });
    expect(await store.rows(uneven, {})).toEqual([]);
  } finally {
    await store.close();
  }
}, 300_000);
