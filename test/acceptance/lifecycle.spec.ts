import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseJournal, Store } from '#clickhouse';
import type { CustomerAnswer, StageMoveBody, StagesAnswer } from '#contracts';
import { topics } from '#contracts';
import type { Clock, EpochMs } from '#domain';
import { DAY, epochMs, HOUR, isoOf, plus, SECOND } from '#domain';
import { Sentinel } from '#pipeline';
import { eventsAt, sendEvents } from '../support/send-events.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';
import { StandaloneProcess } from '../support/standalone-process.js';

/** Every move of a stage that the topic holds, in its order. */
async function onTopic(store: Store): Promise<readonly StageMoveBody[]> {
  const journal = new ClickHouseJournal(store);
  const ends = (await journal.ends()).filter(({ topic }) => topic === topics.customerStage.name);
  const records = await Promise.all(ends.map(({ topic, partition }) => journal.read(topic, partition, 0, 1_000)));
  return records
    .flat()
    .map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { data: StageMoveBody }).data);
}
const line = ({ from, to, becameDueAt }: Pick<StageMoveBody, 'from' | 'to' | 'becameDueAt'>): string =>
  `${from} > ${to} ${becameDueAt}`;

const visit = (url: string, ...times: readonly number[]): Promise<void> =>
  sendEvents(url, eventsAt('ada', 'app_open', times));
const ada = async (url: string): Promise<CustomerAnswer> =>
  (await (await fetch(`${url}/v1/customers/ada`)).json()) as CustomerAnswer;

describe('a customer of the pack app', () => {
  const begins = epochMs(Date.UTC(2026, 2, 1, 9));
  let at: EpochMs = begins;
  const clock: Clock = { now: () => at };
  let app: Standalone;
  const start = async (dataDir?: string): Promise<void> => {
    app = await startStandalone({ clock, slackMs: 0, env: { PACK: 'app' }, ...(dataDir ? { dataDir } : {}) });
  };
  beforeAll(() => start(), 60_000);
  afterAll(async () => {
    await app?.stop();
    app?.forget();
  });

  /** Turns the clock to so many days and milliseconds after the beginning, and waits until everything up to then is decided. */
  const turnTo = async (days: number, ms = 0): Promise<void> => {
    const to = plus(begins, days * DAY + ms);
    at = to;
    const sentinel = app.app.get(Sentinel, { strict: false });
    await until(`everything up to day ${days} to be decided`, () => (sentinel.decidedUpTo ?? 0) >= to);
  };
  const visitOn = async (day: number): Promise<void> => {
    const visitedAt = plus(begins, day * DAY);
    await turnTo(day, -2);
    at = plus(visitedAt, 1);
    await visit(app.url!, visitedAt);
    await until(`the visit of day ${day}`, async () => (await ada(app.url!)).lastSeenAt === isoOf(visitedAt));
    await turnTo(day);
  };
  const told = async (): Promise<readonly string[]> => (await onTopic(app.store)).map(line);
  const move = (from: string | null, to: string, day: number) => `${from} > ${to} ${isoOf(plus(begins, day * DAY))}`;

  // Every third day: (12 + 9) / (5 + 2) days are the usual gap, so three of them are 9, six 18, and twelve 36 days.
  const path = [
    move(null, 'new', 0),
    move('new', 'active', 14),
    move('active', 'slipping', 21),
    move('slipping', 'dormant', 30),
    move('dormant', 'churned', 48),
    move('churned', 'returned', 60),
    move('returned', 'active', 74),
  ];

  it('is new, then active', async () => {
    for (const day of [0, 3, 6, 9, 12]) await visitOn(day);
    await turnTo(14, -1);
    expect(await told()).toEqual(path.slice(0, 1));
    await turnTo(14);
    await until('it to be told', async () => (await told()).length > 1);
    expect(await told()).toEqual(path.slice(0, 2));
  }, 60_000);

  it('slips, falls asleep and is lost, each at the very millisecond, also across a restart', async () => {
    for (const [days, length] of [
      [21, 3],
      [30, 4],
    ] as const) {
      await turnTo(days, -1);
      expect(await told()).toEqual(path.slice(0, length - 1));
      await turnTo(days);
      await until('it to be told', async () => (await told()).length === length);
    }
    await app.stop();
    at = plus(begins, 40 * DAY);
    await start(app.dataDir);
    await turnTo(48, -1);
    expect(await told()).toEqual(path.slice(0, 4));
    await turnTo(48);
    await until('it to be told', async () => (await told()).length === 5);
    expect(await told()).toEqual(path.slice(0, 5));
  }, 60_000);

  it('comes back, and is like any other after a while', async () => {
    await visitOn(60);
    await until('it to be told', async () => (await told()).length === 6);
    expect((await ada(app.url!)).lifecycle).toEqual({
      stage: 'returned',
      since: isoOf(plus(begins, 60 * DAY)),
      usualGapDays: 69 / 8,
    });
    const { stages } = (await (await fetch(`${app.url}/v1/stages`)).json()) as StagesAnswer;
    expect(stages.filter(({ customers }) => customers > 0)).toEqual([{ stage: 'returned', customers: 1 }]);
    await turnTo(74);
    await until('it to be told', async () => (await told()).length === 7);
    expect(await told()).toEqual(path);
  }, 60_000);

  it('has a value, worked out each day', async () => {
    expect((await ada(app.url!)).value).toMatchObject({
      asOf: isoOf(epochMs(Date.UTC(2026, 4, 14))),
      activeDays: 6,
      spend: 0,
      tier: 'C',
    });
  });

  it('is told anew when a visit turns up that had been on its way', async () => {
    // She was there on day 70 too: what was said of her last still holds, and slipping comes later than it would have.
    await visit(app.url!, plus(begins, 70 * DAY), plus(begins, 73 * DAY + 5 * HOUR));
    await until(
      'the visits',
      async () => (await ada(app.url!)).lastSeenAt === isoOf(plus(begins, 73 * DAY + 5 * HOUR)),
    );
    await turnTo(80);
    expect(await told()).toEqual(path);
    const { usualGapDays } = (await ada(app.url!)).lifecycle;
    expect(usualGapDays).toBeCloseTo((73 + 5 / 24 + 9) / 10, 9);
  }, 60_000);
});

describe('a process that is killed between one stage and the next', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'churnwatch-lifecycle-'));
  // Whoever is taken in late is decided from when they came.
  const app = new StandaloneProcess(dataDir, { PACK: 'app', EVENT_LATENESS_DAYS: '60' });
  beforeAll(() => StandaloneProcess.prepare(), 300_000);
  afterAll(async () => {
    await app.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('tells each stage once, with its instant', async () => {
    let url = await app.start();
    // A single visit: gaps count as three days, and after twelve of them she is lost, half a minute from now.
    const came = Date.now() - 36 * DAY + 30 * SECOND;
    await visit(url, came);
    for (const pauseMs of [0, 400, 1_500]) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await app.end('SIGKILL');
      url = await app.start();
    }
    const isIn = (stage: string) =>
      until(
        `her to be ${stage}`,
        async () => (await ada(url)).lifecycle.since !== null && (await ada(url)).lifecycle.stage === stage,
        120_000,
      );
    await isIn('churned');
    await app.end('SIGKILL');
    url = await app.start();
    const back = Date.now();
    await visit(url, back);
    await isIn('returned');
    await app.end('SIGKILL');
    url = await app.start();
    await isIn('returned');
    await app.end('SIGTERM');

    const store = new Store({ path: join(dataDir, 'engine'), database: 'churnwatch' });
    try {
      const records = await onTopic(store);
      const once = [...new Map(records.map((each) => [each.id, each])).values()];
      const move = (from: string | null, to: string, instant: number) =>
        `${from} > ${to} ${new Date(instant).toISOString()}`;
      expect(once.map(line)).toEqual([
        move(null, 'new', came),
        move('new', 'slipping', came + 9 * DAY),
        move('slipping', 'dormant', came + 18 * DAY),
        move('dormant', 'churned', came + 36 * DAY),
        move('churned', 'returned', back),
      ]);
      expect(once.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
      // What was told again was told alike.
      expect(new Set(records.map((each) => JSON.stringify(each))).size).toBe(once.length);
    } finally {
      await store.close();
    }
  }, 300_000);
});
