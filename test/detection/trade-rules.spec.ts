import { join } from 'node:path';
import { ClickHouseEvaluator } from '#clickhouse';
import { DAY, epochMs, ruleId, tenantId } from '#domain';
import { loadPack } from '#pipeline';
import type { TradeName } from '#simulator';
import { simulateTrade } from '#simulator';
import { EmbeddedStore } from '../support/embedded-store.js';

/**
 * What each pack tells a departure by, and the history that it takes: a traveller is missed where they booked a year ago.
 * How many are found says that base and pack fit each other, nothing about anybody's real customers.
 */
const trades: readonly (readonly [TradeName, rule: string, days: number, found: number])[] = [
  ['telecom', 'recharge-overdue', 390, 0.95],
  ['bank', 'account-silent', 390, 0.95],
  ['ecommerce', 'purchase-rhythm-broken', 390, 0.8],
  ['travel', 'booking-rhythm-broken', 900, 0.6],
  ['merchant', 'silent-beyond-rhythm', 390, 0.95],
];

/** Half a year after they left: later a traveller is missed no more. */
const patienceMs = 180 * DAY;

describe('the rule of silence, on the made-up base of its trade', () => {
  const embedded = new EmbeddedStore('trade_rules_test');
  beforeAll(() => embedded.migrate());
  afterAll(() => embedded.close());

  it.each(trades)('%s: %s holds for who left, not for who is well', async (trade, rule, days, found) => {
    const shares = { 'silent-churn': 0.2, 'fading-churn': 0, away: 0, 'spend-drop': 0, joined: 0 };
    const startAt = epochMs(Date.UTC(2022, 0, 1));
    const base = simulateTrade({ trade, seed: 7, customers: 150, days, startAt, shares });
    await embedded.fold([...base.events()]);
    const evaluator = new ClickHouseEvaluator(embedded.store, loadPack(join('packs', trade)));
    const tenant = tenantId('default');
    const looks = await evaluator.evaluate(
      base.truth.customers.map(({ customer, fates: [left] }) => ({
        tenant,
        customer,
        asOf: epochMs(Math.min(base.endAt, left === undefined ? Infinity : left.at + patienceMs)),
      })),
    );
    const held = new Set(
      looks.filter((look) => look.verdicts.get(ruleId(rule)) === 'breach').map((look) => look.customer),
    );
    const left = base.truth.customers.filter(({ fates }) => fates.length > 0);
    const well = base.truth.customers.filter(({ fates }) => fates.length === 0);
    const partOf = (those: typeof left): number =>
      those.filter(({ customer }) => held.has(customer)).length / those.length;
    expect(partOf(left)).toBeGreaterThanOrEqual(found);
    expect(partOf(well)).toBeLessThan(0.03);
  });
});
