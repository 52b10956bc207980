import fc from 'fast-check';
import type { ChurnDefinition, Condition, EventType, Measure, NumberExpr, Pack, Rule, Signal } from '#domain';
import { DAY, growingKinds, HOUR, ruleId, usualValue } from '#domain';

const day0 = Date.UTC(2026, 0, 1);
const text = { en: '', zh: '' };
const types: readonly EventType[] = ['order', 'crash', 'app_open', 'complaint_opened', 'complaint_closed', 'refund'];
const someTypes = fc.subarray([...types], { minLength: 1, maxLength: 3 });

/** Edges where windows may have them: whole hours up to 35 days ago, whole days beyond. */
const edge = fc.oneof(
  fc.constantFrom(1, 2, 24, 25, 7 * 24, 35 * 24 - 1, 35 * 24).map((hours) => hours * HOUR),
  fc.constantFrom(36, 37, 60).map((days) => days * DAY),
);
const lookback = fc
  .tuple(edge, fc.oneof(fc.constant(0), edge))
  .filter(([from, to]) => from > to)
  .map(([fromMs, toMs]) => ({ fromMs, toMs }));

/** Some days of the histories below. */
const special = fc
  .uniqueArray(fc.integer({ min: 0, max: 130 }), { maxLength: 40 })
  .map((days) => days.map((day) => day0 / DAY + day).toSorted((a, b) => a - b));

const about = { unit: '', description: text };
const shapes: fc.Arbitrary<Signal> = fc.oneof(
  { weight: 3, arbitrary: lookedBack('count') },
  { weight: 2, arbitrary: lookedBack('sum') },
  { weight: 2, arbitrary: lookedBack('mean') },
  { weight: 2, arbitrary: lookedBack('active-days') },
  fc.tuple(someTypes, someTypes, lookback).map(([events, others, bounds]): Signal => {
    const among = [...new Set([...events, ...others])];
    return { ...about, name: '', kind: 'share', events, among, lookback: bounds };
  }),
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        someTypes,
        lookback,
        fc.constantFrom<Measure>('count', 'sum', 'active-days'),
        fc.constantFrom(1, 2),
        fc.constantFrom(20, 40, 7),
      )
      .map(([events, bounds, of, minimum, days]): Signal => {
        // Both ends of the baseline must be kept: whole days where it reaches far.
        const farEnough = Math.ceil((bounds.fromMs + days * DAY) / DAY) * DAY - bounds.fromMs;
        return { ...about, name: '', kind: 'ratio', events, of, lookback: bounds, baselineMs: farEnough, minimum };
      }),
  },
  fc
    .tuple(someTypes, fc.constantFrom(3, 4, 9))
    .map(([events, weeks]): Signal => ({ ...about, name: '', kind: 'trend', events, weeks })),
  someTypes.map((events): Signal => ({ ...about, name: '', kind: 'silence', events })),
  someTypes.map((events): Signal => ({ ...about, name: '', kind: 'tenure', events })),
  fc
    .tuple(someTypes, fc.constantFrom(1, 3, 14), fc.constantFrom(1, 2, 5))
    .map(([events, priorGapDays, minimumActiveDays]): Signal => ({
      ...about,
      name: '',
      kind: 'usual-gap',
      events,
      priorGapDays,
      minimumActiveDays,
    })),
  fc
    .tuple(
      someTypes,
      fc.constantFrom(1, 3, 14),
      fc.constantFrom(1, 2, 5),
      fc.constantFrom('overdue', 'missed-days'),
      special,
    )
    .map(([events, priorGapDays, minimumActiveDays, kind, specialDays]): Signal => {
      const own = { ...about, name: '', events, priorGapDays, minimumActiveDays };
      return kind === 'overdue' ? { ...own, kind } : { ...own, kind: 'missed-days', specialDays };
    }),
  fc.tuple(someTypes, fc.constantFrom(3, 5)).map(([events, minimumActiveDays]): Signal => ({
    ...about,
    name: '',
    kind: 'gap-spread',
    events,
    minimumActiveDays,
  })),
  {
    weight: 2,
    arbitrary: fc.constantFrom<Signal>(
      { ...about, name: '', kind: 'open-for', events: ['complaint_opened'], closedBy: ['complaint_closed'] },
      { ...about, name: '', kind: 'open-for', events: ['complaint_opened', 'crash'], closedBy: ['refund'] },
    ),
  },
);

function lookedBack(kind: 'count' | 'sum' | 'mean' | 'active-days'): fc.Arbitrary<Signal> {
  return fc
    .tuple(someTypes, lookback)
    .map(([events, bounds]) => ({ ...about, name: '', kind, events, lookback: bounds }));
}

const steady = (signals: readonly Signal[]): Signal[] => signals.filter(({ kind }) => !growingKinds.has(kind));
const literal = fc.constantFrom(0, 0.5, 1, 1.5, 2, 3, 7, 10).map((value): NumberExpr => ({ kind: 'number', value }));
const named = (signals: readonly Signal[]): fc.Arbitrary<NumberExpr> =>
  signals.length === 0
    ? literal
    : fc.constantFrom(...signals).map(({ name }): NumberExpr => ({ kind: 'signal', name }));

/** Numbers that grow in a straight line if at all, as the rulebook demands. */
function numbers(signals: readonly Signal[]): fc.Arbitrary<NumberExpr> {
  const leaf = fc.oneof({ weight: 3, arbitrary: named(signals) }, literal);
  const factor = fc.oneof(literal, named(steady(signals)));
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    leaf.map((of): NumberExpr => ({ kind: 'negate', of })),
    fc
      .tuple(fc.constantFrom('+' as const, '-' as const), leaf, leaf)
      .map(([op, left, right]): NumberExpr => ({ kind: 'arithmetic', op, left, right })),
    fc
      .tuple(fc.constantFrom('*' as const, '/' as const), leaf, factor)
      .map(([op, left, right]): NumberExpr => ({ kind: 'arithmetic', op, left, right })),
  );
}

export function conditionsOver(signals: readonly Signal[]): fc.Arbitrary<Condition> {
  const comparison = fc
    .tuple(
      fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const),
      numbers(signals),
      numbers(signals),
    )
    .map(([op, left, right]): Condition => ({ kind: 'compare', op, left, right }));
  // Equality of what grows holds for a single instant, which nobody could look for in steps.
  const equality = fc
    .tuple(fc.constantFrom('==' as const, '!=' as const), named(steady(signals)), literal)
    .map(([op, left, right]): Condition => ({ kind: 'compare', op, left, right }));
  return fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      comparison,
      equality,
      tie('condition').map((of): Condition => ({ kind: 'not', of })),
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), tie('condition'), tie('condition'))
        .map(([kind, left, right]): Condition => ({ kind, left, right })),
    ),
  })).condition;
}

/** Bounds close enough for random histories to pass all of them. */
export const churnDefinitions: fc.Arbitrary<ChurnDefinition> = fc
  .record({
    events: someTypes,
    priorGapDays: fc.constantFrom(0.3, 1, 3),
    slipping: fc.constantFrom(HOUR, 12 * HOUR, 3 * DAY),
    more: fc.tuple(fc.constantFrom(1, HOUR, 2 * DAY), fc.constantFrom(DAY, 2 * DAY, 5 * DAY + 1, 37 * DAY)),
    gaps: fc.tuple(fc.constantFrom(0, 0.7, 2), fc.constantFrom(0, 1), fc.constantFrom(0, 0.1, 2)),
    newFor: fc.constantFrom(1, 2, 7),
  })
  .map(({ events, priorGapDays, slipping, more, gaps, newFor }) => ({
    version: '1',
    events,
    priorGapDays,
    newForMs: Math.floor((slipping + more[0] + more[1]) / newFor),
    slipping: { afterMs: slipping, gaps: gaps[0] },
    dormant: { afterMs: slipping + more[0], gaps: gaps[0] + gaps[1] },
    churned: { afterMs: slipping + more[0] + more[1], gaps: gaps[0] + gaps[1] + gaps[2] },
  }));

/** A pack of random signals of every kind and random rules over them. */
export const packs: fc.Arbitrary<Pack> = fc
  .array(shapes, { minLength: 6, maxLength: 10 })
  .map((signals) => signals.map((signal, index) => ({ ...signal, name: `s${index}` })))
  .chain((signals) => {
    const condition = conditionsOver(signals);
    const guard = fc.oneof(fc.constant<Condition>({ kind: 'always', value: true }), condition);
    const rules = fc.array(fc.tuple(guard, condition, condition), { minLength: 4, maxLength: 4 });
    return fc.tuple(rules, churnDefinitions).map(([conditions, churn]) => ({
      name: 'random',
      version: '',
      title: text,
      churn,
      value: usualValue,
      signals,
      playbooks: [],
      reasons: [],
      rules: conditions.map(([guarding, enter, exit], index) => aRule(`r${index}`, guarding, enter, exit)),
    }));
  });

const aRule = (id: string, guard: Condition, enter: Condition, exit: Condition): Rule => ({
  id: ruleId(id),
  version: '',
  title: text,
  owner: '',
  severity: 'low',
  reason: '',
  playbook: '',
  guard,
  enter,
  exit,
  policy: { pendingMs: 0, recoverMs: 0, cooldownMs: 0 },
  evidence: [],
  muted: null,
  text,
});

/** Instants around which everything turns: edges of hours and days, and just beside them. */
const instant = (days: number): fc.Arbitrary<number> =>
  fc
    .tuple(fc.nat(days), fc.nat(23), fc.oneof(fc.constantFrom(0, 1, HOUR - 1), fc.nat(HOUR - 1)))
    .map(([day, hour, ms]) => day0 + day * DAY + hour * HOUR + ms);

/** Some hours are busy, so that openings and closings meet in one bucket. */
export const histories = fc
  .tuple(fc.array(instant(75), { minLength: 1, maxLength: 4 }), fc.array(instant(75), { maxLength: 12 }))
  .chain(([busy, others]) =>
    fc.array(
      fc.record({
        type: fc.constantFrom(...types),
        at: fc.oneof(
          fc.tuple(fc.constantFrom(...busy), fc.nat(2 * HOUR)).map(([at, late]) => at + late),
          fc.constantFrom(...busy, ...others),
        ),
        // Quarters add up exactly in any order.
        amount: fc.oneof(
          fc.constant(null),
          fc.integer({ min: -20, max: 80 }).map((quarters) => quarters / 4),
        ),
      }),
      { minLength: 1, maxLength: 14 },
    ),
  );

export const looksAt = fc.array(instant(130), { minLength: 4, maxLength: 4 });
