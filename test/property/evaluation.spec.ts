import fc from 'fast-check';
import { ClickHouseEvaluator } from '#clickhouse';
import type { ActivityEvent, Condition, CustomerId, EpochMs, Evaluation, Pack, Stage } from '#domain';
import { customerId, DAY, epochMs, HOUR, ruleId, stages, tenantId, weigh } from '#domain';
import { loadPack } from '#pipeline';
import { aCustomer } from '../support/a-customer.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import { stageAt } from '../support/oracle-stages.js';
import type { Expectation } from '../support/oracle.js';
import { expectation } from '../support/oracle.js';
import { histories, looksAt, packs } from '../support/random-packs.js';
import { seed } from '../support/seed.js';

const customersPerRun = 200;
const packsPerRun = 8;

const tenant = tenantId('default');
const nameOf = (index: number): CustomerId => customerId(`c${index}`);
const eventsOf = (history: (typeof drawn)[number], index: number): ActivityEvent[] =>
  history.map(({ type, at, amount }, place) => ({
    tenant,
    id: `${index}-${place}`,
    source: 'random',
    type,
    customer: nameOf(index),
    occurredAt: epochMs(at),
    receivedAt: epochMs(at),
    amount,
    platform: '',
    channel: '',
    appVersion: '',
    attributes: {},
  }));
const drawn = fc.sample(histories, { numRuns: customersPerRun, seed });
const looks = fc.sample(looksAt, { numRuns: customersPerRun, seed });

/** A customer's own events are where counts turn, too. */
const requestsFor = (events: readonly (readonly ActivityEvent[])[]) =>
  events.flatMap((own, index) => {
    const [some] = own;
    const at = [...new Set([...looks[index]!, some!.occurredAt, Math.ceil(some!.occurredAt / HOUR) * HOUR])];
    return at.map((asOf) => ({ tenant, customer: nameOf(index), asOf: epochMs(asOf) }));
  });

describe(`the evaluator in the engine, against the plain reading of the events (seed ${seed})`, () => {
  const embedded = new EmbeddedStore('evaluation_test');
  const histories_ = drawn.map(eventsOf);
  const requests = requestsFor(histories_);
  const sampled = fc.sample(packs, { numRuns: packsPerRun, seed });
  const evaluate = (pack: Pack) => new ClickHouseEvaluator(embedded.store, pack).evaluate(requests);
  const place = (look: Evaluation, pack: Pack): string =>
    `${look.customer} at ${new Date(look.asOf).toISOString()}, pack ${JSON.stringify(pack.signals)}, events ${JSON.stringify(
      histories_[Number(look.customer.slice(1))]!.map(
        ({ type, occurredAt }) => `${type} ${new Date(occurredAt).toISOString()}`,
      ),
    )}`;

  beforeAll(async () => {
    await embedded.migrate();
    const all = histories_.flat();
    // Several chunks, so that buckets are put together from parts.
    for (let from = 0; from < all.length; from += 500) await embedded.fold(all.slice(from, from + 500));
  });
  afterAll(() => embedded.close());

  it.each(sampled.map((pack, index) => [index, pack] as const))(
    'pack %i: signals, verdicts, deadlines',
    async (_, pack) => {
      const expected = expectation(histories_.flat(), pack, tenant);
      const evaluations = await evaluate(pack);
      const answered = new Set(evaluations.map(({ customer, asOf }) => `${customer} ${asOf}`));
      for (const { customer, asOf } of requests) {
        const hasBegun = histories_[Number(customer.slice(1))]!.some((event) => event.occurredAt <= asOf);
        expect([customer, asOf, answered.has(`${customer} ${asOf}`)]).toEqual([customer, asOf, hasBegun]);
      }
      for (const look of evaluations) {
        const signals = expected.signals(look.customer, look.asOf);
        for (const [name, value] of Object.entries(signals)) {
          const found = look.signals[name] ?? null;
          const close = value === null || found === null ? found === value : Math.abs(found - value) <= 1e-9;
          if (!close) throw new Error(`${name} is ${found}, expected ${value}: ${place(look, pack)}`);
        }
        const verdicts = expected.verdicts(look.customer, look.asOf);
        for (const [rule, verdict] of verdicts) {
          if (look.verdicts.get(rule) === verdict) continue;
          const wrong = pack.rules.find((each) => each.id === rule);
          throw new Error(
            `${look.verdicts.get(rule)}, expected ${verdict}: ${JSON.stringify(wrong)} ${place(look, pack)}`,
          );
        }
        // What an explanation shows comes to the verdict that the engine found.
        for (const { id, guard, enter, exit } of pack.rules) {
          const [may, breaks, ends] = [guard, enter, exit].map((each) => weigh(each, look.signals).holds === true);
          const shown = !may ? 'no-data' : breaks ? 'breach' : ends ? 'ok' : 'between';
          if (shown !== look.verdicts.get(id))
            throw new Error(`explained as ${shown}, decided ${look.verdicts.get(id)}: ${id} ${place(look, pack)}`);
        }
        checkStage(look, pack);
        expect(look.nextChangeAt === null || look.nextChangeAt > look.asOf).toBe(true);
        expect(look.nextBreachAt === null || look.nextBreachAt >= look.nextChangeAt!).toBe(true);
      }
      // At the very millisecond at which a stage is said to end, and just before.
      const ends = evaluations.flatMap(({ customer, nextStageAt: at }) =>
        at === null ? [] : [at, epochMs(at - 1)].map((asOf) => ({ tenant, customer, asOf })),
      );
      const once = new Map(ends.map((end) => [`${end.customer} ${end.asOf}`, end]));
      for (const end of await new ClickHouseEvaluator(embedded.store, pack).evaluate([...once.values()]))
        checkStage(end, pack);
      // Deadlines are slower to check, so only those of a part of the looks are.
      for (const look of evaluations.filter((_, index) => index % 15 === 0)) checkDeadlines(look, pack);
    },
  );

  const stagesSeen = new Set<Stage | null>();
  const checkStage = (look: Evaluation, pack: Pack): void => {
    const past = histories_[Number(look.customer.slice(1))]!.filter((event) => event.occurredAt <= look.asOf);
    const at = (instant: number): Stage | null => stageAt(past, pack.churn, instant);
    const expected = at(look.asOf);
    stagesSeen.add(expected);
    const why = (): string => `${JSON.stringify(pack.churn)} ${place(look, pack)}`;
    if (look.stage !== expected) throw new Error(`${look.stage}, expected ${expected}: ${why()}`);
    // Left alone a customer never comes back to a stage: one that is the same at both ends was the same in between.
    const end = look.nextStageAt ?? look.asOf + 10_000 * DAY;
    if (at(end - 1) !== expected) throw new Error(`${expected} ends before ${look.nextStageAt}: ${why()}`);
    if (look.nextStageAt !== null && at(end) === expected)
      throw new Error(`${expected} does not end at ${look.nextStageAt}: ${why()}`);
  };

  it('has seen every stage', () => expect([...stagesSeen].sort()).toEqual([...stages, null].sort()));

  const checkDeadlines = (look: Evaluation, pack: Pack): void => {
    const past = histories_[Number(look.customer.slice(1))]!.filter((event) => event.occurredAt <= look.asOf);
    const still: Expectation = expectation(past, pack, tenant);
    const until = epochMs(look.asOf + 45 * DAY);
    const change = still.nextChange(look.customer, look.asOf, until);
    if (change !== null && (look.nextChangeAt === null || change < look.nextChangeAt)) {
      throw new Error(
        `changes at ${change}, announced for ${look.nextChangeAt}: ${place(look, pack)} ${JSON.stringify(pack.rules)}`,
      );
    }
    const inBreach = (at: EpochMs): ReadonlySet<string> =>
      new Set(
        [...still.verdicts(look.customer, at)].filter(([, verdict]) => verdict === 'breach').map(([rule]) => rule),
      );
    let now = inBreach(look.asOf);
    for (let at: EpochMs | null = change; at !== null; at = still.nextChange(look.customer, at, until)) {
      if (look.nextBreachAt !== null && at >= look.nextBreachAt) return;
      const then = inBreach(at);
      const fresh = [...then].filter((rule) => !now.has(rule));
      if (fresh.length > 0) {
        throw new Error(
          `${fresh[0]} breaks at ${at}, announced for ${look.nextBreachAt}: ${place(look, pack)} ${JSON.stringify(pack.rules)}`,
        );
      }
      now = then;
    }
  };

  it('finds the oldest open complaint also when an hour saw more of them, and a closing in between', async () => {
    const ada = aCustomer('ada').does('complaint_opened').later(0.01).does('complaint_closed').later(0.01);
    const openedAt = ada.does('complaint_opened').now;
    ada.later(0.01).does('complaint_opened');
    await embedded.fold(ada.events);
    const evaluator = new ClickHouseEvaluator(embedded.store, loadPack('packs/app'));
    for (const days of [1, 34, 36, 100]) {
      const [look] = await evaluator.evaluate([{ tenant, customer: ada.id, asOf: epochMs(openedAt + days * DAY) }]);
      expect(look!.signals['complaint_open_days']).toBe(days);
    }
  });

  it('announces that something will have left a window which it has yet to enter', async () => {
    const [rule] = sampled[0]!.rules;
    const dan = aCustomer('dan').does('order');
    await embedded.fold(dan.events);
    const orders = {
      kind: 'count',
      name: 'orders',
      events: ['order'],
      unit: '',
      description: { en: '', zh: '' },
    } as const;
    const none: Condition = {
      kind: 'compare',
      op: '<',
      left: { kind: 'signal', name: 'orders' },
      right: { kind: 'number', value: 1 },
    };
    const evaluator = new ClickHouseEvaluator(embedded.store, {
      ...sampled[0]!,
      signals: [{ ...orders, lookback: { fromMs: 7 * DAY, toMs: DAY } }],
      rules: [{ ...rule!, guard: { kind: 'always', value: true }, enter: none, exit: { kind: 'not', of: none } }],
    });
    const [look] = await evaluator.evaluate([{ tenant, customer: dan.id, asOf: epochMs(dan.now) }]);
    expect(look).toMatchObject({ nextChangeAt: dan.now + DAY, nextBreachAt: dan.now + 7 * DAY });
  });

  it('announces that what grows comes back into breach after a step has taken it out', async () => {
    const [rule] = sampled[0]!.rules;
    const eve = aCustomer('eve').does('order');
    await embedded.fold(eve.events);
    const read = { events: ['order'], unit: '', description: { en: '', zh: '' } } as const;
    const silentEnough: Condition = {
      kind: 'compare',
      op: '>=',
      left: { kind: 'signal', name: 'silent' },
      right: {
        kind: 'arithmetic',
        op: '*',
        left: { kind: 'signal', name: 'before' },
        right: { kind: 'number', value: 3 },
      },
    };
    const always: Condition = { kind: 'always', value: true };
    const evaluator = new ClickHouseEvaluator(embedded.store, {
      ...sampled[0]!,
      signals: [
        { ...read, name: 'silent', kind: 'silence' },
        { ...read, name: 'before', kind: 'count', lookback: { fromMs: 20 * DAY, toMs: DAY } },
      ],
      rules: [{ ...rule!, guard: always, enter: silentEnough, exit: { kind: 'not', of: silentEnough } }],
    });
    // Until the order counts as before, any silence is enough; then three days are.
    const asOf = epochMs(eve.now);
    const [look] = await evaluator.evaluate([{ tenant, customer: eve.id, asOf }]);
    expect(look!.verdicts.get(rule!.id)).toBe('breach');
    expect(look).toMatchObject({ nextChangeAt: eve.now + DAY, nextBreachAt: eve.now + DAY });
  });

  it('knows a signal from a column or a keyword of the same name', async () => {
    const names = [
      'events',
      'start',
      'customer',
      'as_of',
      'and',
      'not',
      'select',
      'values',
      'hour_now',
      'wait_0',
      'of_0',
    ];
    const bea = aCustomer('bea').repeats('order', 1, 3);
    await embedded.fold(bea.events);
    const [pack] = sampled;
    const silence = { kind: 'silence', events: ['order'], unit: '', description: { en: '', zh: '' } } as const;
    const evaluator = new ClickHouseEvaluator(embedded.store, {
      ...pack!,
      signals: names.map((name) => ({ ...silence, name })),
      rules: names.map((name) => ({
        ...pack!.rules[0]!,
        id: ruleId(name),
        guard: { kind: 'always', value: true },
        exit: { kind: 'always', value: true },
        enter: { kind: 'compare', op: '>', left: { kind: 'signal', name }, right: { kind: 'number', value: 0.5 } },
      })),
    });
    const [look] = await evaluator.evaluate([{ tenant, customer: bea.id, asOf: epochMs(bea.now) }]);
    expect(look!.signals).toEqual(Object.fromEntries(names.map((name) => [name, 1])));
    expect([...look!.verdicts.values()]).toEqual(names.map(() => 'breach'));
  });
});
