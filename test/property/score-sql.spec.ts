import fc from 'fast-check';
import { ClickHouseScorer } from '#clickhouse';
import type { ActivityEvent, EpochMs, EventType } from '#domain';
import { customerId, DAY, epochMs, tenantId } from '#domain';
import type { FeatureName, Panel, ScoreModel } from '#scoring';
import { scoreAll, scorerOf } from '#scoring';
import type { ScoredCustomer } from '#clickhouse';
import { scoreSql } from '../../libs/clickhouse/src/score/score-query.js';
import { aModel } from '../support/a-model.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import { pastsOf } from '../support/pasts.js';
import '../support/seed.js';

const tenant = tenantId('default');
const firstDay = Date.UTC(2026, 0, 1);
const types = ['order', 'session_start', 'crash', 'complaint_opened', 'refund', 'cancellation'] as const;
/** How far SQL and TypeScript may lie apart. */
const exact = 1e-9;

type Deed = readonly [customer: number, ms: number, type: EventType, cents: number | null];

interface World {
  readonly name: string;
  readonly asOf: EpochMs;
  readonly model: ScoreModel;
  readonly events: readonly ActivityEvent[];
  readonly later: readonly ActivityEvent[];
}

/** By a plain reading of the events in TypeScript: nothing of the store has a part in it. */
async function referenceOf({ events, asOf }: World, model: ScoreModel): Promise<ReadonlyMap<string, number>> {
  const { outcome } = model;
  const panel: Panel = {
    pasts: async (knownUpTo, asOf, pace) => pastsOf(events, { knownUpTo, asOf }, pace, outcome.event),
    deeds: async () => new Map(),
  };
  const scores = await scoreAll(panel, outcome, scorerOf(model), asOf);
  return new Map(scores.map(({ past, score }) => [past.customer, score]));
}

/** The widest gap between two; infinite when they are not of the same customers. */
function apart(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  if (a.size !== b.size) return Infinity;
  return Math.max(0, ...[...a].map(([customer, score]) => Math.abs(score - (b.get(customer) ?? Infinity))));
}

describe('the score in SQL', () => {
  const embedded = new EmbeddedStore('score_test');
  beforeAll(() => embedded.migrate());
  afterAll(() => embedded.close());

  const eventsOf = (deeds: readonly Deed[], world: string, batch: string): readonly ActivityEvent[] =>
    deeds.map(([customer, ms, type, cents], i) => ({
      tenant,
      id: `${world}-${batch}-${i}`,
      source: 'score',
      type,
      customer: customerId(`${world}-${customer}`),
      occurredAt: epochMs(firstDay + ms),
      receivedAt: epochMs(firstDay + ms),
      amount: cents === null ? null : cents / 100,
      platform: '',
      channel: '',
      appVersion: '',
      attributes: {},
    }));

  /** Every world has customers of its own: those of the others are there as well and must not matter. */
  const scored = async ({ name, asOf }: World, model: ScoreModel): Promise<ReadonlyMap<string, number>> => {
    const all = await new ClickHouseScorer(embedded.store, model).everybody(tenant, asOf);
    const own = all.filter(({ customer }) => customer.startsWith(`${name}-`));
    return new Map(own.map(({ customer, score }) => [customer, score]));
  };

  const deed = fc.tuple(
    fc.nat(5),
    fc.integer({ min: 0, max: 170 * DAY }),
    fc.constantFrom(...types),
    fc.option(fc.integer({ min: -3_000, max: 9_000 })),
  );
  /** Evenly, where doubles as fast-check draws them are nearly all nearly 0; and with every digit there is. */
  const between = (min: number, max: number): fc.Arbitrary<number> =>
    fc.integer({ min: Math.ceil(min * 997), max: Math.floor(max * 997) }).map((n) => n / 997);
  const aRandomModel: fc.Arbitrary<ScoreModel> = fc
    .record({
      event: fc.constantFrom(null, null, 'cancellation' as const),
      horizonDays: fc.integer({ min: 1, max: 200 }),
      periods: fc.integer({ min: 1, max: 4 }),
      stretch: fc.integer({ min: 1, max: 3 }),
      gap: between(1 / 24, 60),
      intercept: between(-3, 3),
      weights: fc.array(between(-0.5, 0.5), { minLength: 21, maxLength: 21 }),
      means: fc.array(between(-2, 4), { minLength: 21, maxLength: 21 }),
      spreads: fc.array(between(0.2, 3), { minLength: 21, maxLength: 21 }),
      buying: fc.option(
        fc.record({
          r: between(0.01, 5),
          alpha: between(0.1, 30),
          a: between(0.01, 5),
          b: between(0.01, 9),
        }),
      ),
    })
    .map(({ event, horizonDays, periods, stretch, gap, intercept, weights, means, spreads, buying }) => {
      const horizonMs = horizonDays * DAY;
      const features = aModel()
        .features.map(({ name }, i) => ({ name, weight: weights[i]!, mean: means[i]!, spread: spreads[i]! }))
        .filter(({ name }) => name !== 'BG/NBD' || buying !== null);
      const pace = { typicalGapDays: gap, stretch };
      // Thirds of a day in milliseconds are not whole: where a period begins is cut alike on both sides.
      const asked = { outcome: { event, horizonMs }, periods, periodMs: horizonMs / periods };
      return aModel({ ...asked, pace, intercept, features, buying });
    });
  const aWorld = fc.record({
    // As long as it may be: fast-check draws short lists otherwise, and who came twice is what most features are about.
    deeds: fc.array(deed, { minLength: 1, maxLength: 60, size: 'max' }),
    daysLater: fc.array(deed, { maxLength: 10 }),
    asOfMs: fc.integer({ min: 20 * DAY, max: 260 * DAY }),
    model: aRandomModel,
  });
  const worlds = fc.sample(aWorld, 60).map(({ deeds, daysLater, asOfMs, model }, i): World => {
    const [name, asOf] = [`w${i}`, epochMs(firstDay + asOfMs)];
    // One event each, the first at the very instant, the second in the millisecond after it, which nobody knows of yet.
    const once: readonly Deed[] = [
      [90, asOfMs - (i % 80) * DAY, 'order', 995],
      [91, asOfMs, 'session_start', null],
      [92, asOfMs + 1, 'session_start', null],
    ];
    const all = eventsOf([...deeds, ...once], name, 'a');
    const more = eventsOf([...daysLater, ...deeds], name, 'b');
    return {
      name,
      asOf,
      model,
      events: all.filter(({ occurredAt }) => occurredAt <= asOf),
      later: [...all, ...more].filter(({ occurredAt }) => occurredAt > asOf),
    };
  });
  const found: ReadonlyMap<string, number>[] = [];

  it('is what TypeScript makes of the bare events, for random histories under random models', async () => {
    await embedded.fold(worlds.flatMap(({ events }) => events));
    for (const world of worlds) {
      const sql = await scored(world, world.model);
      const gap = apart(sql, await referenceOf(world, world.model));
      expect({ world: world.name, gap, isExact: gap <= exact }).toMatchObject({ isExact: true });
      found.push(sql);
    }
    expect(found.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(100);
    // One event, at the very instant, is enough for a score; one a millisecond later is none.
    for (const [i, { name }] of worlds.entries())
      expect([found[i]!.has(`${name}-91`), found[i]!.has(`${name}-92`)]).toEqual([true, false]);
  });

  it('would not be taken for it if a single coefficient were another', async () => {
    const missed = new Set<FeatureName>(aModel().features.map(({ name }) => name));
    for (const [i, world] of worlds.entries()) {
      for (const { name } of world.model.features) {
        const features = world.model.features.map((each) =>
          each.name === name ? { ...each, weight: each.weight + 1e-6 } : each,
        );
        if (apart(found[i]!, await referenceOf(world, { ...world.model, features })) > exact) missed.delete(name);
      }
    }
    expect([...missed]).toEqual([]);
  });

  it('is the same for some customers as for everybody', async () => {
    for (const [i, { name, asOf, model }] of worlds.entries()) {
      const some = [0, 1, 91, 99].map((number) => customerId(`${name}-${number}`));
      const rows = await new ClickHouseScorer(embedded.store, model).customers(tenant, some, asOf);
      const expected = some.flatMap((customer) => {
        const score = found[i]!.get(customer);
        return score === undefined ? [] : [{ customer, score }];
      });
      expect(apart(scoresOf(rows), scoresOf(expected))).toBeLessThanOrEqual(exact);
    }
  });

  it('changes with nothing that comes later', async () => {
    await embedded.fold(worlds.flatMap(({ later }) => later));
    for (const [i, world] of worlds.entries())
      expect(apart(await scored(world, world.model), found[i]!)).toBeLessThanOrEqual(exact);
  });

  it('grows old with silence though nothing arrives', async () => {
    const [once] = eventsOf([[0, 0, 'order', 500]], 'silent', 'a') as [ActivityEvent];
    await embedded.fold([once]);
    const model = aModel({
      periods: 1,
      features: [{ name: 'silence', weight: 1, mean: 1, spread: 1 }],
      buying: null,
    });
    const scorer = new ClickHouseScorer(embedded.store, model);
    const at = async (days: number): Promise<number | undefined> =>
      (await scorer.customers(tenant, [once.customer], epochMs(firstDay + days * DAY)))[0]?.score;
    const scores = [await at(0), await at(1 / 24), await at(10), await at(89)] as number[];
    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    expect(new Set(scores).size).toBe(4);
    // Out of reach of everything it was learned from: gone, and not at risk.
    expect(await at(91)).toBeUndefined();
  });

  it('refuses a model that names what it does not know, or has no number', () => {
    const [first, ...rest] = aModel().features as [ScoreModel['features'][number]];
    const of = (changed: Partial<ScoreModel>) => () => scoreSql(aModel(changed));
    expect(of({ features: [{ ...first, name: "'; DROP" as FeatureName }, ...rest] })).toThrow(/no feature "'; DROP"/);
    expect(of({ buying: null })).toThrow('no feature "BG/NBD"');
    expect(of({ intercept: NaN })).toThrow('coefficient NaN');
  });
});

const scoresOf = (rows: readonly ScoredCustomer[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ customer, score }) => [customer, score]));
