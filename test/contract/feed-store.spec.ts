import type { ActivityEvent, EpochMs } from '#domain';
import { customerId, epochMs, HOUR, MINUTE, plus, SECOND, tenantId } from '#domain';
import { ClickHouseFeedStore } from '../../libs/clickhouse/src/feed-store.js';
import { Feeds } from '../../libs/pipeline/src/feeds/feeds.js';
import { Random } from '../../libs/simulator/src/random.js';
import { EmbeddedStore } from '../support/embedded-store.js';

const tenant = tenantId('default');
const start = epochMs(Date.UTC(2026, 2, 1, 0, 17));
const end = plus(start, 40 * HOUR);
const limits = { vouchesFromPerHour: 3, settleMs: 0 };

/** Arrivals of three feeds in their order; the clock of one is ahead, the events of another come late. */
function arrivals(): ActivityEvent[] {
  const random = new Random(11);
  const events: ActivityEvent[] = [];
  for (let at = start; at < end; at = plus(at, random.whole(1, 10 * MINUTE))) {
    const source = ['shop', 'web', 'urn:kiosk/ü'][events.length % 3]!;
    const lagMs = source === 'shop' ? -30 * SECOND : source === 'web' ? random.whole(0, HOUR) : 0;
    events.push({
      tenant,
      id: String(events.length),
      source,
      type: 'app_open',
      customer: customerId(`c${events.length % 7}`),
      occurredAt: plus(at, -lagMs),
      receivedAt: at,
      amount: null,
      platform: '',
      channel: '',
      appVersion: '',
      attributes: {},
    });
  }
  return events;
}

const embedded = new EmbeddedStore('test_feeds');
const store = (): ClickHouseFeedStore => new ClickHouseFeedStore(embedded.store);
beforeAll(async () => {
  await embedded.migrate();
  await embedded.fold(arrivals());
}, 60_000);
afterAll(() => embedded.close());

it('tells after a restart what was known before it', async () => {
  const heard = new Feeds(limits);
  for (const { source, occurredAt, receivedAt } of arrivals()) {
    const heardUpTo: EpochMs = occurredAt < receivedAt ? occurredAt : receivedAt;
    heard.hear([[tenant, source, 1, heardUpTo, receivedAt]], receivedAt);
  }
  const restored = await Feeds.restored(store(), limits, end, epochMs(0));
  expect(restored.states(end)).toEqual(heard.states(end));
  expect(restored.states(end)).toHaveLength(3);
  expect(restored.believedUpTo(plus(end, HOUR))).toBe(heard.believedUpTo(plus(end, HOUR)));
  expect(restored.believedUpTo(plus(end, HOUR))).toBeLessThan(end);
});

it('knows no more feeds than it is asked for, the busiest ones, and no older hours', async () => {
  const hours = await store().hours(plus(end, -HOUR), 2);
  expect(new Set(hours.map(({ source }) => source)).size).toBe(2);
  expect(Math.min(...hours.map(({ firstArrivedAt }) => firstArrivedAt))).toBeGreaterThan(end - HOUR);
});

it('remembers who is over', async () => {
  await store().retire({ tenant, source: 'urn:kiosk/ü', at: end });
  const restored = await Feeds.restored(store(), limits, end, epochMs(0));
  expect(restored.states(end).map(({ source }) => source)).not.toContain('urn:kiosk/ü');
});
