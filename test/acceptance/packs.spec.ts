import { join } from 'node:path';
import { ClickHouseEvaluator } from '#clickhouse';
import type { Evaluation, Pack, RuleId } from '#domain';
import { advanceFlag, epochMs, neverRaised, ruleId, tenantId } from '#domain';
import { formatNumber, loadPack } from '#pipeline';
import type { CustomerStory } from '../support/a-customer.js';
import { aCustomer, daily, weekly } from '../support/a-customer.js';
import { EmbeddedStore } from '../support/embedded-store.js';

type Twins = readonly [leaving: (name: string) => CustomerStory, healthy: (name: string) => CustomerStory];

/** For each rule somebody on whom it must fire, and somebody much alike on whom it must not. */
const app: Readonly<Record<string, Twins>> = {
  'silent-beyond-rhythm': [
    (name) => aCustomer(name).opens(daily, 28).later(9),
    (name) => aCustomer(name).opens(weekly, 6).later(2),
  ],
  'activity-drop': [
    (name) => aCustomer(name).opens(daily, 35).later(5.5).opens(daily, 1).later(0.5),
    (name) => aCustomer(name).opens(daily, 35).opens(2, 4),
  ],
  'crash-spike': [
    (name) => aCustomer(name).opens(daily, 3).repeats('crash', 0.1, 3),
    (name) => aCustomer(name).opens(daily, 3).repeats('crash', 2, 3),
  ],
  'login-failure-spike': [
    (name) => aCustomer(name).opens(daily, 3).repeats('login_failed', 0.01, 4),
    (name) => aCustomer(name).opens(daily, 3).repeats('login_failed', 0.01, 3),
  ],
  'spend-drop': [
    (name) => aCustomer(name).buys(weekly, 12, 40).later(25).buys(weekly, 1, 5),
    (name) => aCustomer(name).buys(weekly, 16, 40),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).opens(daily, 3).does('complaint_opened').later(4),
    (name) => aCustomer(name).opens(daily, 3).does('complaint_opened').later(2).does('complaint_closed').later(2),
  ],
};
const merchant: Readonly<Record<string, Twins>> = {
  'silent-beyond-rhythm': [
    (name) => aCustomer(name).buys(weekly, 12, 30).later(50),
    (name) => aCustomer(name).buys(weekly, 12, 30).later(14),
  ],
  'visits-drop': [
    (name) => aCustomer(name).buys(weekly, 16, 30).later(35),
    (name) => aCustomer(name).buys(weekly, 16, 30).buys(14, 2, 30),
  ],
  'spend-drop': [
    (name) => aCustomer(name).buys(weekly, 16, 30).later(14).buys(weekly, 2, 1),
    (name) => aCustomer(name).buys(weekly, 16, 30).later(14).buys(weekly, 2, 60),
  ],
  'payment-failure-spike': [
    (name) => aCustomer(name).buys(weekly, 4, 30).repeats('payment_failed', 0.01, 3),
    (name) => aCustomer(name).buys(weekly, 4, 30).repeats('payment_failed', 0.01, 2),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).buys(weekly, 4, 30).does('complaint_opened').later(4),
    (name) => aCustomer(name).buys(weekly, 4, 30).does('complaint_opened').later(2),
  ],
};

const embedded = new EmbeddedStore('packs_test');
beforeAll(() => embedded.migrate());
afterAll(() => embedded.close());

describe.each([
  ['app', app],
  ['merchant', merchant],
])('the pack %s', (name, customers) => {
  const pack: Pack = loadPack(join('packs', name));
  const evaluator = new ClickHouseEvaluator(embedded.store, pack);
  const tenant = tenantId('default');

  /** Follows the deadlines from the first event to the end of the story, as the sentinel would. */
  const firstFiring = async (story: CustomerStory, rule: RuleId): Promise<Evaluation | null> => {
    await embedded.fold(story.events);
    const { policy } = pack.rules.find((each) => each.id === rule)!;
    const instants = [...new Set(story.events.map(({ occurredAt }) => occurredAt as number))];
    const ask = (...times: readonly number[]) =>
      evaluator.evaluate(times.map((asOf) => ({ tenant, customer: story.id, asOf: epochMs(asOf) })));
    const atEvents = new Map((await ask(...instants)).map((look) => [look.asOf as number, look]));
    let flag = neverRaised;
    let next = instants[0]!;
    while (next <= story.now) {
      const look = atEvents.get(next) ?? (await ask(next))[0]!;
      const step = advanceFlag(flag, look.verdicts.get(rule)!, policy, look.asOf);
      if (step.flag.state === 'firing') return look;
      flag = step.flag;
      const later = instants.find((instant) => instant > next) ?? Infinity;
      const deadline = flag.state === 'clear' ? look.nextBreachAt : look.nextChangeAt;
      next = Math.min(later, step.askAgainAt ?? Infinity, deadline ?? Infinity);
    }
    return null;
  };

  it('has a story for every rule', () => {
    expect(Object.keys(customers)).toEqual(pack.rules.map(({ id }) => id));
  });

  it.each(Object.entries(customers))(
    '%s: fires on the one who leaves, not on the twin who stays',
    async (id, twins) => {
      const rule = ruleId(id);
      const [leaving, healthy] = twins;
      const fired = await firstFiring(leaving(`${name}-${id}-leaving`), rule);
      expect(fired?.verdicts.get(rule)).toBe('breach');
      // What the alert shows must be known by then.
      for (const signal of pack.rules.find((each) => each.id === rule)!.evidence) {
        expect([signal, formatNumber(fired!.signals[signal] ?? null)]).not.toEqual([signal, formatNumber(null)]);
      }
      expect(await firstFiring(healthy(`${name}-${id}-healthy`), rule)).toBeNull();
    },
  );
});
