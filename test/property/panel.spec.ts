import fc from 'fast-check';
import { ClickHousePanelStore } from '#clickhouse';
import type { ActivityEvent, EpochMs, EventType } from '#domain';
import { customerId, DAY, epochMs, HOUR, tenantId } from '#domain';
import { frictionsBut, windowsMs } from '#scoring';
import { EmbeddedStore } from '../support/embedded-store.js';
import { pastsOf } from '../support/pasts.js';
import '../support/seed.js';

const tenant = tenantId('default');
const firstDay = Date.UTC(2026, 0, 1);
const types = ['order', 'session_start', 'crash', 'complaint_opened', 'cancellation'] as const;
const pace = { typicalGapDays: 3, stretch: 1 };

describe('the panel of customers’ pasts', () => {
  const embedded = new EmbeddedStore('panel_test');
  beforeAll(() => embedded.migrate());
  afterAll(() => embedded.close());

  /** Every world has customers of its own: those of the others are there as well and must not matter. */
  const eventsOf = (
    deeds: readonly (readonly [customer: number, hour: number, type: EventType, amount: number | null])[],
    world: string,
    batch: string,
  ): readonly ActivityEvent[] =>
    deeds.map(([customer, hour, type, amount], i) => ({
      tenant,
      id: `${world}-${batch}-${i}`,
      source: 'panel',
      type,
      customer: customerId(`${world}-${customer}`),
      occurredAt: epochMs(firstDay + hour * HOUR),
      receivedAt: epochMs(firstDay + hour * HOUR),
      amount,
      platform: '',
      channel: '',
      appVersion: '',
      attributes: {},
    }));
  const ask = async (world: string, knownUpTo: EpochMs, asOf: EpochMs, marked: EventType | null) => {
    const question = { tenant, knownUpTo, asOf, spansMs: windowsMs(pace), frictions: frictionsBut(marked), marked };
    const pasts = await new ClickHousePanelStore(embedded.store).pasts(question);
    return pasts.filter(({ customer }) => customer.startsWith(`${world}-`));
  };
  const deed = (fromHour: number, toHour: number) =>
    fc.tuple(
      fc.nat(3),
      fc.integer({ min: fromHour, max: toHour }),
      fc.constantFrom(...types),
      fc.option(fc.integer({ min: -5, max: 50 })),
    );

  it('is what a plain reading of the events says, and nothing that comes later changes it', async () => {
    const aWorld = fc.record({
      before: fc.array(deed(0, 2_400), { minLength: 1, maxLength: 40 }),
      more: fc.array(deed(0, 4_000), { maxLength: 20 }),
      hour: fc.integer({ min: 600, max: 2_400 }),
      daysAhead: fc.nat(60),
      marked: fc.constantFrom(null, 'cancellation' as const),
    });
    const worlds = fc.sample(aWorld, 40).map(({ before, more, hour, daysAhead, marked }, i) => {
      const [name, knownUpTo] = [`w${i}`, epochMs(firstDay + hour * HOUR)];
      const events = eventsOf(before, name, 'a');
      const later = eventsOf(more, name, 'b').filter(({ occurredAt }) => occurredAt > knownUpTo);
      return { name, knownUpTo, asOf: epochMs(knownUpTo + daysAhead * DAY), marked, events, later };
    });
    await embedded.fold(worlds.flatMap(({ events }) => events));
    const found = [];
    for (const { name, knownUpTo, asOf, marked, events } of worlds) {
      const panel = await ask(name, knownUpTo, asOf, marked);
      expect(panel).toEqual(pastsOf(events, { knownUpTo, asOf }, pace, marked));
      found.push(panel);
    }
    expect(found.flat().length).toBeGreaterThan(20);
    await embedded.fold(worlds.flatMap(({ later }) => later));
    for (const [i, { name, knownUpTo, asOf, marked }] of worlds.entries())
      expect(await ask(name, knownUpTo, asOf, marked)).toEqual(found[i]);
  });

  it('counts what happens at the instant itself as known, and as no outcome', async () => {
    const [first, second] = eventsOf(
      [
        [0, 24, 'order', 5],
        [0, 48, 'order', 7],
      ],
      'edge',
      'a',
    ) as [ActivityEvent, ActivityEvent];
    await embedded.fold([first, second]);
    const store = new ClickHousePanelStore(embedded.store);
    expect(await ask('edge', first.occurredAt, first.occurredAt, null)).toMatchObject([{ activeDays: 1, amount: 5 }]);
    const found = await store.deeds(tenant, null, first.occurredAt, second.occurredAt);
    expect(found.get(first.customer)).toBe(second.occurredAt);
    const none = await store.deeds(tenant, null, second.occurredAt, epochMs(second.occurredAt + DAY));
    expect(none.has(first.customer)).toBe(false);
  });
});
