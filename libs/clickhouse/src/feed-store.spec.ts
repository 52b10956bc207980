import { EmbeddedStore } from '../../../test/support/embedded-store.js';
import { customerId, epochMs, HOUR, MINUTE, tenantId } from '#domain';
import { ClickHouseFeedStore } from './feed-store.js';

const at = epochMs(Date.UTC(2026, 0, 5, 10));
const anEvent = (minute: number) => ({
  tenant: tenantId('default'),
  id: String(minute),
  source: 'app',
  type: 'app_open' as const,
  customer: customerId('c'),
  occurredAt: epochMs(at + minute * MINUTE),
  receivedAt: epochMs(at + minute * MINUTE),
  amount: null,
  platform: '',
  channel: '',
  appVersion: '',
  attributes: {},
});

const store = new EmbeddedStore('test_feeds');
beforeAll(() => store.migrate());
afterAll(() => store.close());

it.each([
  { minutes: [5], halves: [1 << 5, 0] },
  { minutes: [5, 31, 59], halves: [1 << 5, (1 << 1) | (1 << 29)] },
])('tells the minutes $minutes in which a feed was heard', async ({ minutes, halves }) => {
  await store.fold(minutes.map(anEvent));
  const [hour] = await new ClickHouseFeedStore(store.store).hours(epochMs(at - HOUR), 10);
  expect(hour?.minutes).toEqual(halves);
});
