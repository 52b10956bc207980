import { feedsAnswer, topics } from '#contracts';
import { HOUR, isoOf, MINUTE, plus, tenantId } from '#domain';
import { now, RunningGateway } from './testing/running-gateway.js';

const gateway = new RunningGateway();
const tenant = tenantId('default');
const retire = (source: string): Promise<Response> =>
  fetch(`${gateway.base}/v1/feeds/${encodeURIComponent(source)}/retire`, { method: 'POST' });

/** An event every two minutes, up to so many minutes ago. */
function heard(source: string, events: number, minutesAgo: number): void {
  for (let n = 0; n < 48; n++) {
    const hour = plus(now, (n - 48) * HOUR);
    const last = plus(hour, n === 47 ? HOUR - minutesAgo * MINUTE : 58 * MINUTE);
    gateway.feeds.stored.push({
      tenant,
      source,
      hour,
      events,
      firstArrivedAt: hour,
      lastArrivedAt: last,
      heardUpTo: plus(last, -MINUTE),
      leastLagMs: MINUTE,
      minutes: [0x15555555, n === 47 ? 0 : 0x15555555],
    });
  }
}

beforeAll(() => gateway.start());
afterAll(() => gateway.stop());

it('shows which feeds vouch, which one is silent, and up to where absence is decided', async () => {
  heard('urn:shop/app', 30, 32);
  heard('web', 25, 2);
  heard('kiosk', 5, 2);
  const { heldAt, items } = feedsAnswer.parse((await gateway.get('/v1/feeds')).body);
  const silentSince = isoOf(plus(now, -32 * MINUTE));
  expect(heldAt).toBe(isoOf(plus(now, -33 * MINUTE)));
  expect(items).toMatchObject([
    { source: 'urn:shop/app', eventsPerHour: 30, vouches: true, holding: true, silentSince, usualLagSeconds: 60 },
    { source: 'web', eventsPerHour: 25, vouches: true, holding: false, silentSince: null },
    { source: 'kiosk', eventsPerHour: 5, vouches: false, holding: false, silentSince: null },
  ]);
});

it('retires a feed for whoever starts later and for whoever runs now', async () => {
  expect((await retire('urn:shop/app')).status).toBe(204);
  expect(gateway.feeds.retired).toEqual([{ tenant, source: 'urn:shop/app', at: now }]);
  expect(gateway.lastWritten(topics.touched)).toEqual({
    customers: [],
    progress: [],
    retired: [['default', 'urn:shop/app']],
  });
  const { items } = feedsAnswer.parse((await gateway.get('/v1/feeds')).body);
  expect(items.map(({ source }) => source)).toEqual(['web', 'kiosk']);
});

it('answers 404 for a feed that nobody heard', async () => {
  expect((await retire('nobody')).status).toBe(404);
});
