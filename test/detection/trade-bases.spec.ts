import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEvent, defaultAdmissionLimits, encodeEvent } from '#contracts';
import type { ActivityEvent, EventType } from '#domain';
import { DAY, engagementTypes, epochMs, eventKinds, tenantId } from '#domain';
import { loadPack } from '#pipeline';
import type { AppBase, Fate, TradeBase, TradeName } from '#simulator';
import { simulate, simulateTrade, tradeNames } from '#simulator';

const startAt = epochMs(Date.UTC(2024, 0, 1));
const days = 120;
const size = { customers: 300, days, startAt };
const baseOf = (pack: string, seed: number): AppBase | TradeBase =>
  pack === 'app' ? simulate({ ...size, seed }) : simulateTrade({ ...size, seed, trade: pack as TradeName });

/** Of calm customers in 30 days: what the trade lives from, and all their events together. */
const rates: Readonly<
  Record<string, { type: EventType; each: readonly [number, number]; all: readonly [number, number] }>
> = {
  app: { type: 'order', each: [1, 6], all: [80, 220] },
  telecom: { type: 'recharge', each: [1.3, 1.9], all: [15, 35] },
  bank: { type: 'deposit', each: [0.6, 1], all: [25, 50] },
  ecommerce: { type: 'order', each: [1.5, 2.6], all: [30, 70] },
  travel: { type: 'booking', each: [0.4, 1], all: [8, 25] },
  merchant: { type: 'order', each: [4.5, 7.5], all: [9, 20] },
};

const hashOf = (events: Iterable<ActivityEvent>): string => {
  const hash = createHash('sha256');
  for (const event of events) hash.update(JSON.stringify(event));
  return hash.digest('hex');
};

const firstOf = (count: number, events: Iterable<ActivityEvent>): ActivityEvent[] => {
  const first: ActivityEvent[] = [];
  for (const event of events) if (first.push(event) === count) break;
  return first;
};

it('every pack has a base', () => {
  expect(['app', ...tradeNames].sort()).toEqual(readdirSync('packs').sort());
  expect(Object.keys(rates).sort()).toEqual(readdirSync('packs').sort());
});

describe.each(readdirSync('packs'))('the made-up base of %s', (name) => {
  const base = baseOf(name, 7);
  const events = [...base.events()];
  const byCustomer = new Map<ActivityEvent['customer'], ActivityEvent[]>();
  for (const event of events) {
    const own = byCustomer.get(event.customer);
    if (own) own.push(event);
    else byCustomer.set(event.customer, [event]);
  }
  const eventsOf = (customer: ActivityEvent['customer']): readonly ActivityEvent[] => byCustomer.get(customer) ?? [];
  const those = (kind: Fate['kind']) =>
    base.truth.customers.flatMap(({ customer, fates }) => {
      const fate = fates.find((each) => each.kind === kind);
      return fate ? [{ customer, fate, events: eventsOf(customer) }] : [];
    });

  it('is the same for the same seed and another for another', () => {
    const begun = (seed: number): readonly ActivityEvent[] => firstOf(500, baseOf(name, seed).events());
    expect(hashOf(baseOf(name, 7).events())).toBe(hashOf(events));
    expect(begun(8)).not.toEqual(begun(7));
    expect(base.total).toBe(events.length);
  }, 60_000);

  it('comes in order, within its span, each event under an id of its own', () => {
    const disordered = events.filter((event, index) => index > 0 && event.receivedAt < events[index - 1]!.receivedAt);
    expect(disordered).toEqual([]);
    expect(events.filter(({ occurredAt: at }) => at < startAt || at >= base.endAt)).toEqual([]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(byCustomer.size).toBeGreaterThan(285);
  });

  it('is admitted as it is', () => {
    const tenant = tenantId('default');
    const arrival = { ...defaultAdmissionLimits, tenant, now: base.endAt, receivedAt: base.endAt };
    const refused = events
      .map((event) => decodeEvent(encodeEvent(event), {}, arrival))
      .filter(({ kind }) => kind === 'rejected');
    expect(refused).toEqual([]);
  });

  it('holds every event that the signals of the pack count', () => {
    const counted = new Set<EventType>(
      loadPack(join('packs', name)).signals.flatMap((signal) =>
        signal.events.length === engagementTypes.length ? [] : signal.events,
      ),
    );
    const produced = new Set(events.map(({ type }) => type));
    // Nobody updates, reviews or removes the made-up app, which sells by orders only and promises nothing.
    const lackedByApp = ['app_remove', 'payment', 'recharge', 'review_posted', 'reward_owed', 'update_failed'];
    const lacking = name === 'app' ? lackedByApp : [];
    expect([...counted].filter((type) => !produced.has(type)).sort()).toEqual(lacking);
    expect([...produced].filter((type) => !(type in eventKinds))).toEqual([]);
  });

  it('has silent churners, who are there before their instant and nothing of whom comes after it', () => {
    const silent = those('silent-churn');
    expect(silent.length).toBeGreaterThan(8);
    expect(silent.length).toBeLessThan(30);
    for (const { fate, events: own } of silent)
      expect(own.filter(({ occurredAt }) => occurredAt >= fate.at)).toEqual([]);
    expect(silent.filter(({ events: own }) => own.length === 0).length).toBeLessThan(3);
    // They were going to come again: who stays has something within a month of any such instant.
    const calm = base.truth.customers.filter(({ fates, joinedAt }) => fates.length === 0 && joinedAt < startAt);
    const at = startAt + 60 * DAY;
    const within = calm.filter(({ customer }) =>
      eventsOf(customer).some(({ occurredAt }) => occurredAt >= at && occurredAt < at + 35 * DAY),
    );
    expect(within.length / calm.length).toBeGreaterThan(0.97);
  });

  it('has newcomers begin, and returners come back, at their instant', () => {
    for (const { fate, events: own } of those('joined')) expect(own[0]?.occurredAt).toBe(fate.at);
    for (const { fate, events: own } of those('away')) {
      expect(own.filter(({ occurredAt }) => occurredAt >= fate.at && occurredAt < fate.until!)).toEqual([]);
      expect(own.find(({ occurredAt }) => occurredAt >= fate.at)?.occurredAt).toBe(fate.until);
    }
  });

  it('keeps to the pace of its trade', () => {
    const calm = base.truth.customers.filter(({ fates, joinedAt }) => fates.length === 0 && joinedAt < startAt);
    const perMonth = (of: (event: ActivityEvent) => boolean): number =>
      (calm.flatMap(({ customer }) => eventsOf(customer).filter(of)).length / calm.length / days) * 30;
    const { type, each, all } = rates[name]!;
    const [ofType, ofAll] = [perMonth((event) => event.type === type), perMonth(() => true)];
    expect([name, ofType, ofType >= each[0] && ofType <= each[1]]).toEqual([name, ofType, true]);
    expect([name, ofAll, ofAll >= all[0] && ofAll <= all[1]]).toEqual([name, ofAll, true]);
  });
});
