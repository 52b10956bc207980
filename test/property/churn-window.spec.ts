import fc from 'fast-check';
import { ClickHouseSilenceStore } from '#clickhouse';
import type { ActivityEvent, ChurnDefinition, EventType, TenantId, ValueDefinition } from '#domain';
import { customerId, DAY, epochMs, HOUR, tenantId } from '#domain';
import { curveOf } from '#scoring';
import { EmbeddedStore } from '../support/embedded-store.js';
import { seed } from '../support/seed.js';
import { periodsOf, returnsOf, segmentsOf } from '../support/silence-reference.js';

const firstAt = Date.UTC(2026, 0, 1);
const types = ['order', 'session_start', 'refund', 'crash'] as const;
const value: ValueDefinition = { earns: ['order'], givesBack: ['refund'] };
const kinds = ['all', 'value', 'tenure', 'platform', 'channel'] as const;

/** Whole hours, now and then a millisecond off: gaps of exactly so many days must happen. */
const instant = fc
  .tuple(fc.integer({ min: 0, max: 130 }), fc.constantFrom(0, 6, 18), fc.constantFrom(0, 0, 0, 1, -1))
  .map(([days, hours, off]) => days * DAY + hours * HOUR + off);
const deed = fc.record({
  customer: fc.nat(7),
  after: instant,
  type: fc.constantFrom<EventType>(...types),
  amount: fc.option(fc.integer({ min: 0, max: 40 })),
  platform: fc.constantFrom('', 'ios', 'android'),
  channel: fc.constantFrom('', 'web'),
});
const bound = fc.record({
  afterMs: fc.integer({ min: 1, max: 25 }).map((days) => days * DAY),
  gaps: fc.constantFrom(0, 1, 2.5),
});
const definition = fc.record({
  events: fc.subarray<EventType>(['order', 'session_start'], { minLength: 1 }),
  priorGapDays: fc.constantFrom(1, 7),
  churned: bound,
});
const world = fc.record({
  deeds: fc.array(deed, { minLength: 20, maxLength: 90 }),
  definition,
  endsAfter: fc.integer({ min: 60, max: 130 }).map((days) => days * DAY),
  periodDays: fc.constantFrom(3, 10, 30),
  fromDays: fc.constantFrom(-1, 0, 20),
});

describe(`silences counted by the store, against a plain reading of every history (seed ${seed})`, () => {
  const embedded = new EmbeddedStore('churn_window_test');
  const worlds = fc.sample(world, { numRuns: 60, seed }).map(({ deeds, endsAfter, ...drawn }, i) => {
    const tenant = tenantId(`world-${i}`);
    const never = { afterMs: 1_000 * DAY, gaps: 0 };
    const churn: ChurnDefinition = {
      ...drawn.definition,
      version: 'drawn',
      newForMs: DAY,
      slipping: never,
      dormant: never,
    };
    return { ...drawn, tenant, churn, events: eventsOf(deeds, tenant), upTo: epochMs(firstAt + endsAfter) };
  });

  beforeAll(async () => {
    await embedded.migrate();
    await embedded.fold(worlds.flatMap(({ events }) => events));
  }, 60_000);
  afterAll(() => embedded.close());

  it('says of every segment and every day who comes back', async () => {
    const compared = { all: 0, value: 0, tenure: 0, platform: 0, channel: 0 };
    for (const { tenant, churn, events, upTo, fromDays } of worlds) {
      const from = epochMs(firstAt + fromDays * DAY);
      const counts = await new ClickHouseSilenceStore(embedded.store).days({
        tenant,
        churn,
        value,
        from,
        upTo,
      });
      const segmentOf = segmentsOf(events, churn, value, upTo);
      for (const kind of kinds) {
        for (const name of new Set(counts.filter(({ by }) => by === kind).map(({ segment }) => segment))) {
          const curve = curveOf(counts.filter(({ by, segment }) => by === kind && segment === name));
          for (const [days, until] of [
            [1, 2],
            [1, 8],
            [5, 20],
            [14, 44],
          ] as const) {
            const isMeant = (silence: Parameters<typeof segmentOf>[0]) =>
              silence.startedAt >= from && segmentOf(silence).includes(`${kind} ${name}`);
            const expected = returnsOf(events, churn, upTo, days, until, isMeant);
            const found = curve.returns(days, until);
            const told = { segment: `${kind} ${name}`, days, until };
            expect({ ...told, back: found?.toFixed(10) }).toEqual({ ...told, back: expected?.toFixed(10) });
            if (expected !== null && expected > 0 && expected < 1) compared[kind]++;
          }
        }
      }
    }
    for (const times of Object.values(compared)) expect(times).toBeGreaterThan(10);
  }, 120_000);

  it('says of every period who stood, who churned and who has come back since', async () => {
    let [churned, back] = [0, 0];
    for (const { tenant, churn, events, upTo, periodDays } of worlds) {
      const periods = Array.from({ length: 9 }, (_, i) => epochMs(upTo - (9 - i) * periodDays * DAY - (i % 2)));
      const lengthMs = periodDays * DAY;
      const asked = { tenant, churn, bound: churn.churned, upTo, periods, lengthMs };
      const found = await new ClickHouseSilenceStore(embedded.store).periods(asked);
      expect(found.filter(({ stood }) => stood > 0)).toEqual(periodsOf(events, churn, upTo, periods, lengthMs));
      churned += found.reduce((sum, each) => sum + each.churned, 0);
      back += found.reduce((sum, each) => sum + each.back, 0);
    }
    expect(churned).toBeGreaterThan(50);
    expect(back).toBeGreaterThan(20);
  }, 120_000);
});

function eventsOf(
  deeds: readonly {
    readonly customer: number;
    readonly after: number;
    readonly type: EventType;
    readonly amount: number | null;
    readonly platform: string;
    readonly channel: string;
  }[],
  tenant: TenantId,
): readonly ActivityEvent[] {
  return deeds.map(({ customer, after, ...rest }, i) => ({
    ...rest,
    tenant,
    id: `${tenant}-${i}`,
    source: 'drawn',
    customer: customerId(`c${customer}`),
    occurredAt: epochMs(firstAt + after),
    receivedAt: epochMs(firstAt + after),
    appVersion: '',
    attributes: {},
  }));
}
