import type { CustomerId } from '#domain';
import { DAY, epochMs, tenantId } from '#domain';
import { ClickHouseEvaluator, ClickHouseHistoryStore } from '#clickhouse';
import type { DeliveryLog, EventLog, HistoryStore } from '#pipeline';
import { backtest, DELIVERY_LOG, EVENT_LOG, Sentinel } from '#pipeline';
import { simulate } from '#simulator';
import { ReplayClock } from '../../apps/standalone/src/demo/replay-clock.js';
import { replay } from '../../apps/standalone/src/demo/replay.js';
import { Tally } from '../../apps/standalone/src/demo/tally.js';
import type { ExpectedMove } from '../support/oracle.js';
import { expectedMoves } from '../support/oracle.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';
import { storedMoves } from '../support/stored-moves.js';

const seconds = 15;
const lineOf = ({ customer, rule, from, to, episode, becameDueAt }: ExpectedMove): string =>
  `${customer} ${rule} ${from}->${to} #${episode} ${new Date(becameDueAt).toISOString()}`;

/** Everything Churnwatch decides about a simulated base, against a reference that steps through every customer's life. */
describe('a simulated client-app base', () => {
  const feed = simulate({ seed: 20260105, customers: 120, days: 60, startAt: epochMs(Date.UTC(2026, 0, 5)) });
  const clock = new ReplayClock(feed.startAt, (feed.endAt - feed.startAt) / (seconds * 1000));
  const tally = new Tally();
  let app: Standalone;

  beforeAll(async () => {
    app = await startStandalone({
      env: { PACK: 'app', ALERT_TTL_DAYS: '400' },
      clock,
      observer: tally.observer,
      slackMs: 0,
    });
    const sentinel = app.app.get(Sentinel, { strict: false });
    clock.start();
    await replay({
      feed,
      log: app.app.get<EventLog>(EVENT_LOG, { strict: false }),
      clock,
      observer: tally.observer,
      decidedUpTo: () => sentinel.decidedUpTo,
      onProgress: () => {},
      signal: new AbortController().signal,
    });
  }, 300_000);
  afterAll(async () => {
    await app?.stop();
    app?.forget();
  });

  it('takes in every event', () => {
    expect([tally.admitted, tally.folded, tally.rejected]).toEqual([feed.total, feed.total, 0]);
  });

  it('moves exactly the flags that the reference moves, at the same millisecond', async () => {
    const moves = await storedMoves(app.store);
    const expected = expectedMoves(feed.events(), app.pack, tenantId('default'), epochMs(feed.endAt - 1));
    const lines = (list: typeof expected): string[] =>
      list
        .filter((move) => move.becameDueAt < feed.endAt)
        .map(lineOf)
        .sort();
    expect(lines(moves)).toEqual(lines(expected));
    expect(expected.length).toBeGreaterThan(50);
  });

  it('moves the same flags when its rules are played over what is stored', async () => {
    const stored = new ClickHouseHistoryStore(app.store);
    // One customer in four: each is played for herself.
    const isPicked = (customer: CustomerId): boolean => Number(/\d+$/.exec(customer)?.[0]) % 4 === 0;
    const histories: HistoryStore = {
      extent: (of) => stored.extent(of),
      async *pages(question) {
        for await (const page of stored.pages(question)) yield page.filter(({ customer }) => isPicked(customer));
      },
    };
    const tenant = tenantId('default');
    const upTo = epochMs(feed.endAt - 1);
    const played: string[] = [];
    for await (const page of backtest({
      evaluator: new ClickHouseEvaluator(app.store, app.pack),
      histories,
      question: { tenant, upTo, marked: null },
      extent: (await histories.extent(tenant))!,
      onProgress: () => {},
      signal: new AbortController().signal,
    })) {
      for (const { history, moves } of page)
        for (const { at, ...move } of moves)
          played.push(lineOf({ ...move, customer: history.customer, becameDueAt: at }));
    }
    const moves = (await storedMoves(app.store)).filter((move) => move.becameDueAt <= upTo && isPicked(move.customer));
    expect(moves.length).toBeGreaterThan(20);
    expect(played.sort()).toEqual(moves.map(lineOf).sort());
  }, 240_000);

  it('raises nothing before a silent churner has stopped for good, and everything soon after', async () => {
    const moves = await storedMoves(app.store);
    const churners = feed.truth.customers.flatMap(({ customer, fates }) => {
      const fate = fates.find((each) => each.kind === 'silent-churn');
      return fate && fate.at < feed.endAt - 25 * DAY && fate.at > feed.startAt + 20 * DAY
        ? [{ customer, at: fate.at }]
        : [];
    });
    const found = churners.filter(({ customer, at }) =>
      moves.some(
        (move) =>
          move.customer === customer &&
          move.rule === 'silent-beyond-rhythm' &&
          move.to === 'firing' &&
          move.becameDueAt > at,
      ),
    );
    expect(found.length).toBe(churners.length);
  });

  it('delivers one alert for each raised flag through each channel', async () => {
    const deliveries = app.app.get<DeliveryLog>(DELIVERY_LOG, { strict: false });
    const anything = { dueOnly: [], now: epochMs(0), since: epochMs(-1), after: null, limit: 1 };
    await until('no delivery is open', async () => {
      const { deliveries: open } = await deliveries.open({ ...anything, channels: ['email', 'topic'] });
      return open.length === 0;
    });
    expect(tally.raisedTotal).toBeGreaterThan(0);
    expect(Object.fromEntries(tally.delivered)).toEqual({ email: tally.raisedTotal, topic: tally.raisedTotal });
  });
});
