import { ClickHouseValueStore, ClickHouseViews } from '#clickhouse';
import type { ActivityEvent, CustomerValue, EpochMs, EventType, Pack, ValueTier } from '#domain';
import { DAY, epochMs, tenantId } from '#domain';
import { loadPack } from '#pipeline';
import { Random } from '../../libs/simulator/src/random.js';
import { aCustomer } from '../support/a-customer.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import { OracleEvaluator } from '../support/oracle-evaluator.js';

const [ours, theirs] = [tenantId('default'), tenantId('other')];
const pack: Pack = loadPack('packs/ecommerce');
const asOf = epochMs(Date.UTC(2027, 5, 1));
const embedded = new EmbeddedStore('value_test');
const values = new ClickHouseValueStore(embedded.store, pack);
const views = new ClickHouseViews(embedded.store, new OracleEvaluator(pack, asOf));

/** The same from the bare events. */
function expectedValues(events: readonly ActivityEvent[]): Map<string, Omit<CustomerValue, 'asOf'>> {
  const before = events.filter((event) => event.occurredAt < asOf);
  const inYear = (event: ActivityEvent): boolean => event.occurredAt >= asOf - 365 * DAY;
  const isActivity = (event: ActivityEvent): boolean => pack.churn.events.includes(event.type);
  const base = [...new Set(before.filter(isActivity).map(({ customer }) => customer))].map((customer) => {
    const own = before.filter((event) => event.customer === customer);
    const sum = (types: readonly EventType[]): number =>
      own.filter((event) => inYear(event) && types.includes(event.type)).reduce((all, each) => all + each.amount!, 0);
    return {
      customer,
      lastAt: Math.max(...own.filter(isActivity).map((event) => event.occurredAt)),
      activeDays: new Set(
        own.filter((event) => isActivity(event) && inYear(event)).map((event) => Math.floor(event.occurredAt / DAY)),
      ).size,
      spend: sum(pack.value.earns) - sum(pack.value.givesBack),
    };
  });
  type One = (typeof base)[number];
  const fifth = (one: One, of: 'lastAt' | 'activeDays' | 'spend'): number =>
    1 + Math.floor((5 * base.filter((other) => other[of] < one[of]).length) / base.length);
  const total = base.reduce((all, { spend }) => all + Math.max(0, spend), 0);
  const tierOf = (one: One): ValueTier => {
    const above = base.reduce((all, { spend }) => all + (spend > one.spend ? spend : 0), 0) / total;
    if (one.spend <= 0) return 'C';
    return above < 0.8 ? 'A' : above < 0.95 ? 'B' : 'C';
  };
  return new Map(
    base.map((one) => {
      const scores = {
        recency: fifth(one, 'lastAt'),
        frequency: fifth(one, 'activeDays'),
        monetary: fifth(one, 'spend'),
      };
      return [one.customer, { ...scores, tier: tierOf(one), activeDays: one.activeDays, spend: one.spend }];
    }),
  );
}

describe('what customers have been worth', () => {
  const random = new Random(20_270_601);
  const stories = Array.from({ length: 60 }, (_, n) => {
    const story = aCustomer(`v${n}`).later(random.whole(0, 60));
    // Whole quarters add up exactly in any order; a few never buy, some give everything back.
    for (let orders = random.whole(0, 9); orders > 0; orders--) {
      story.does('order', random.whole(1, n < 6 ? 2_000 : 200) / 4).later(random.whole(1, 120));
      if (random.whole(0, 5) === 0) story.does('refund', random.whole(1, 400) / 4);
    }
    return n % 7 === 0 ? story.does('app_open') : story;
  });
  const events = stories.flatMap((story) => story.events);

  beforeAll(async () => {
    await embedded.migrate();
    await embedded.fold(events);
    // Somebody else's riches change nobody's place.
    await embedded.fold(aCustomer('rich', theirs).buys(1, 30, 1_000_000).events);
  });
  afterAll(() => embedded.close());

  const valueOf = async (customer: string): Promise<CustomerValue | null> =>
    (await views.customer(ours, customer as ActivityEvent['customer'], asOf))?.value ?? null;

  it('is unknown before it is worked out', async () => {
    expect([await values.workedOutAt(), await valueOf('v1')]).toEqual([null, null]);
  });

  it('is what the bare events come to, however often it is worked out', async () => {
    const expected = expectedValues(events);
    for (let times = 0; times < 2; times++) {
      await values.workOut(asOf);
      for (const { id } of stories.filter((story) => story.events.length > 0)) {
        const value = expected.get(id);
        expect([id, await valueOf(id)]).toEqual([id, value ? { asOf, ...value } : null]);
      }
    }
    expect(await values.workedOutAt()).toBe(asOf);
    expect(new Set([...expected.values()].map(({ tier }) => tier))).toEqual(new Set(['A', 'B', 'C']));
    expect(new Set([...expected.values()].map(({ monetary }) => monetary)).size).toBeGreaterThan(3);
  });

  it('follows the year', async () => {
    const later = epochMs(asOf + 400 * DAY) as EpochMs;
    await values.workOut(later);
    expect(await valueOf('v1')).toMatchObject({ asOf: later, spend: 0, activeDays: 0, tier: 'C', monetary: 1 });
  });
});
