import { z } from 'zod';
import type { ActivityEvent } from '#domain';
import { customerId, DAY, epochMs, HOUR, tenantId } from '#domain';
import type { EventLog, Observation } from '#pipeline';
import { EVENT_LOG, Sentinel } from '#pipeline';
import type { EventFeed } from '#simulator';
import { simulate } from '#simulator';
import { ReplayClock } from '../../apps/standalone/src/demo/replay-clock.js';
import { replay } from '../../apps/standalone/src/demo/replay.js';
import { query } from '../../libs/clickhouse/src/query.js';
import { expectedMoves } from '../support/oracle.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone } from '../support/standalone.js';
import { storedMoves } from '../support/stored-moves.js';

const seconds = 15;
const hot = customerId('hot-customer');
const hotEvents = 100_000;

const hotWindows = query({
  name: 'test-hot-windows',
  about: 'How often the hot customer is counted.',
  sql: `SELECT (SELECT count() FROM $db.event_v1 WHERE customer = '${hot}') AS stored,
  (SELECT sum(events) FROM $db.activity_hour_v1 WHERE customer = '${hot}') AS inHours,
  (SELECT sum(events) FROM $db.activity_day_v1 WHERE customer = '${hot}') AS inDays,
  (SELECT max(n) FROM (SELECT sum(events) AS n FROM $db.activity_hour_v1 WHERE customer = '${hot}' GROUP BY bucket)) AS mostInAnHour`,
  params: z.object({}),
  row: z.object({ stored: z.number(), inHours: z.number(), inDays: z.number(), mostInAnHour: z.number() }),
});

/** One customer sends far more within an hour than everybody else in forty days. */
describe('a customer with most of all events', () => {
  const base = simulate({ seed: 20260119, customers: 60, days: 40, startAt: epochMs(Date.UTC(2026, 0, 5)) });
  const hotFrom = epochMs(base.startAt + 30 * DAY + 9 * HOUR);
  const feed: EventFeed = { ...withHotCustomer(), total: base.total + hotEvents };
  const clock = new ReplayClock(feed.startAt, (feed.endAt - feed.startAt) / (seconds * 1000));
  const seen = { evaluated: 0, folded: 0, mostScheduled: 0 };
  let app: Standalone;

  function withHotCustomer(): Omit<EventFeed, 'total'> {
    return {
      name: 'hot key',
      startAt: base.startAt,
      endAt: base.endAt,
      *events() {
        let sent = 0;
        const hotAt = (n: number): number => hotFrom + Math.floor((n * HOUR) / hotEvents);
        for (const event of base.events()) {
          for (; sent < hotEvents && hotAt(sent) <= event.receivedAt; sent += 1)
            yield aHotEvent(event, sent, hotAt(sent));
          yield event;
        }
      },
    };
  }

  const observer = (observation: Observation): void => {
    if (observation.kind === 'evaluated') seen.evaluated += observation.customers;
    if (observation.kind === 'folded') seen.folded += observation.events;
    if (observation.kind === 'scheduled') seen.mostScheduled = Math.max(seen.mostScheduled, observation.customers);
  };

  beforeAll(async () => {
    app = await startStandalone({ env: { PACK: 'app', ALERT_TTL_DAYS: '400' }, clock, observer, slackMs: 0 });
    const sentinel = app.app.get(Sentinel, { strict: false });
    clock.start();
    await replay({
      feed,
      log: app.app.get<EventLog>(EVENT_LOG, { strict: false }),
      clock,
      observer,
      decidedUpTo: () => sentinel.decidedUpTo,
      onProgress: () => {},
      signal: new AbortController().signal,
    });
  }, 600_000);
  afterAll(async () => {
    await app?.stop();
    app?.forget();
  });

  it('is counted exactly, in the events and in the windows', async () => {
    expect(hotEvents / feed.total).toBeGreaterThan(0.3);
    expect(seen.folded).toBe(feed.total);
    const [windows] = await app.store.rows(hotWindows, {});
    expect(windows).toEqual({ stored: hotEvents, inHours: hotEvents, inDays: hotEvents, mostInAnHour: hotEvents });
  });

  it('changes nothing for the others: the same flags move at the same milliseconds', async () => {
    const moves = (await storedMoves(app.store)).filter(({ customer }) => customer !== hot);
    const expected = expectedMoves(base.events(), app.pack, tenantId('default'), epochMs(feed.endAt - 1));
    const lines = (list: typeof expected): string[] =>
      list
        .filter((move) => move.becameDueAt < feed.endAt)
        .map((move) => `${move.customer} ${move.rule} ${move.from}->${move.to} #${move.episode} ${move.becameDueAt}`)
        .sort();
    expect(lines(moves)).toEqual(lines(expected));
    expect(expected.length).toBeGreaterThan(20);
  });

  it('is looked at by the minute and not by the event', () => {
    // One look for each event of theirs would alone be twice as many.
    expect(seen.evaluated).toBeLessThan(hotEvents / 2);
    expect(seen.mostScheduled).toBeLessThanOrEqual(61);
  });
});

function aHotEvent(like: ActivityEvent, n: number, at: number): ActivityEvent {
  const occurredAt = epochMs(at);
  return {
    ...like,
    id: `hot-${n}`,
    customer: hot,
    type: 'page_view',
    amount: null,
    occurredAt,
    receivedAt: occurredAt,
  };
}
