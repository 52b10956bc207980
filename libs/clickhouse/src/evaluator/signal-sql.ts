import type { EventType, Lookback, Measure, Push, Signal } from '#domain';
import { DAY, hourExactMs } from '#domain';
import { rhythmSql } from './rhythm-sql.js';

/**
 * One signal as SQL over the pieces of a customer's past (see `evaluation-query.ts`), which bring their `start` and `day`,
 * the hour and the day of `as_of` as `hour_now` and `day_now`, and one column for each set of types asked for.
 * `aggregates` are computed per customer; the rest is read from their results.
 */
export interface SignalSql {
  readonly aggregates: readonly { readonly as: string; readonly sql: string }[];
  /** The signal's value; Nullable(Float64). */
  readonly value: string;
  /** How fast the value grows while nothing arrives, per millisecond; null for one that only moves in steps. */
  readonly slope: string | null;
  /** Instants after `as_of` at which the value may step although nothing arrives; each may be null. */
  readonly steps: readonly Step[];
}

/** A column with the instant, and which way the value goes then. */
export interface Step {
  readonly at: string;
  readonly push: Push;
}

/** Names the column that says whether a piece is of one of these types. */
export type TypeColumn = (types: readonly EventType[]) => string;
/** Names the column that says whether a condition holds of a piece. */
export type WhenColumn = (condition: string) => string;

/** Later than any instant. */
export const neverMs = 9_000_000_000_000_000;

/** True for a piece that lies nearer than `boundMs` ago. Near bounds cut at whole hours, far ones at whole days. */
const newerThan = (boundMs: number): string =>
  boundMs <= hourExactMs ? `start > hour_now - ${boundMs}` : `day > day_now - ${boundMs}`;

const inside = ({ fromMs, toMs }: Lookback): string =>
  toMs > 0 ? `${newerThan(fromMs)} AND NOT (${newerThan(toMs)})` : newerThan(fromMs);

/** When the piece that starts at `start` passes a bound. */
const passes = (boundMs: number): string => (boundMs <= hourExactMs ? `start + ${boundMs}` : `day + ${boundMs}`);

const measures: Readonly<Record<Measure | 'mean', string>> = {
  count: 'sumIf(events, $when)',
  sum: 'sumIf(amount, $when)',
  mean: 'sumIf(amount, $when) / nullIf(sumIf(events, $when), 0)',
  'active-days': 'uniqExactIf(day, $when)',
};
const measured = (measure: Measure | 'mean', when: string): string => measures[measure].replaceAll('$when', when);

interface Move extends Step {
  readonly sql: string;
}

/**
 * The pieces that leave and enter a window: the earliest instant of each. What has yet to enter will leave as well, and
 * it may be only then that it matters.
 */
function movesOf(name: string, newer: (boundMs: number) => string, { fromMs, toMs }: Lookback): readonly Move[] {
  const leaves: Move = {
    at: `${name}__leaves`,
    sql: `minOrNullIf(${passes(fromMs)}, ${newer(fromMs)})`,
    push: 'down',
  };
  if (toMs === 0) return [leaves];
  const sql = `minOrNullIf(${passes(toMs)}, ${newer(toMs)})`;
  return [leaves, { at: `${name}__enters`, sql, push: 'up' }];
}

const stepping = (
  name: string,
  raw: Readonly<Record<string, string>>,
  moves: readonly Move[],
  value: string,
  push?: Push,
): SignalSql => ({
  aggregates: [
    ...Object.entries(raw).map(([as, sql]) => ({ as: `${name}__${as}`, sql })),
    ...moves.map(({ at: as, sql }) => ({ as, sql })),
  ],
  value,
  slope: null,
  steps: moves.map((move) => ({ at: move.at, push: push ?? move.push })),
});

const daysSince = (instant: string): string => `(as_of - ${instant}) / ${DAY}`;

export function signalSql(signal: Signal, typeColumn: TypeColumn, whenColumn: WhenColumn): SignalSql {
  const types = typeColumn(signal.events);
  const newer =
    (of: string) =>
    (boundMs: number): string =>
      whenColumn(`${of} AND ${newerThan(boundMs)}`);
  const within = (of: string, lookback: Lookback): string => whenColumn(`${of} AND ${inside(lookback)}`);
  const name = signal.name;
  switch (signal.kind) {
    case 'count':
    case 'active-days':
    case 'sum':
    case 'mean': {
      // Amounts may be negative, and a mean rises when a low one leaves: they may go either way.
      const push = signal.kind === 'sum' || signal.kind === 'mean' ? 'both' : undefined;
      const raw = measured(signal.kind, within(types, signal.lookback));
      const value = `toNullable(toFloat64(${name}__raw))`;
      return stepping(name, { raw }, movesOf(name, newer(types), signal.lookback), value, push);
    }
    case 'share': {
      const among = typeColumn(signal.among);
      const raw = {
        part: measured('count', within(types, signal.lookback)),
        whole: measured('count', within(among, signal.lookback)),
      };
      const value = `${name}__part / nullIf(${name}__whole, 0)`;
      return stepping(name, raw, movesOf(name, newer(among), signal.lookback), value, 'both');
    }
    case 'ratio': {
      const { of, lookback, baselineMs, minimum } = signal;
      const baseline: Lookback = { fromMs: lookback.fromMs + baselineMs, toMs: lookback.fromMs };
      const raw = { now: measured(of, within(types, lookback)), before: measured(of, within(types, baseline)) };
      const perDay = (lookback.fromMs - lookback.toMs) / baselineMs;
      const moves = movesOf(name, newer(types), lookback);
      // What leaves the window enters the baseline at the same instant.
      const leavesBaseline: Move = {
        at: `${name}__forgets`,
        sql: `minOrNullIf(${passes(baseline.fromMs)}, ${newer(types)(baseline.fromMs)})`,
        push: 'both',
      };
      const value = `if(${name}__before < ${minimum}, NULL, ${name}__now / (${name}__before * ${perDay}))`;
      return stepping(name, raw, [...moves, leavesBaseline], value, 'both');
    }
    case 'trend': {
      const { weeks } = signal;
      const spanMs = weeks * 7 * DAY;
      // Whole weeks of whole days, counted back from yesterday; today's pieces come in tomorrow.
      const week = `intDiv(day_now - ${DAY} - day, ${7 * DAY})`;
      const inSpan = `${types} AND day >= day_now - ${spanMs}`;
      const weight = `(${(weeks - 1) / 2} - ${week})`;
      const raw = {
        weighed: `sumIf(events * ${weight}, ${inSpan} AND day < day_now)`,
        first: `minOrNullIf(day, ${types})`,
        begins: `${name}__first + ${spanMs}`,
      };
      const turns: Move = {
        at: `${name}__turns`,
        sql: `minOrNullIf(day + if(day = day_now, 0, 7 * (${week} + 1)) * ${DAY} + ${DAY}, ${inSpan})`,
        push: 'both',
      };
      const slope = `${name}__weighed / ${(weeks * (weeks ** 2 - 1)) / 12}`;
      // Not the other way round: before the first event there is no such instant.
      const value = `if(${name}__begins <= as_of, ${slope}, NULL)`;
      const signalSteps = stepping(name, raw, [turns], value);
      const begins = `if(${name}__begins > as_of, ${name}__begins, NULL)`;
      return { ...signalSteps, steps: [...signalSteps.steps, { at: begins, push: 'both' }] };
    }
    case 'silence':
      return {
        aggregates: [{ as: `${name}__last`, sql: `maxOrNullIf(last_at, ${types})` }],
        value: daysSince(`${name}__last`),
        slope: `1 / ${DAY}`,
        steps: [],
      };
    case 'tenure':
      return {
        aggregates: [{ as: `${name}__first`, sql: `minOrNullIf(first_at, ${types})` }],
        value: daysSince(`${name}__first`),
        slope: `1 / ${DAY}`,
        steps: [],
      };
    case 'usual-gap':
    case 'overdue':
    case 'gap-spread':
    case 'missed-days':
      return rhythmSql(signal, types);
    case 'open-for':
      return {
        aggregates: [
          // Pieces of these types are single events: see `oneByOne` in evaluation-query.ts.
          { as: `${name}__opened`, sql: `groupArrayIf(first_at, ${types})` },
          { as: `${name}__closed`, sql: `maxIf(last_at, ${typeColumn(signal.closedBy)})` },
          {
            as: `${name}__since`,
            sql: `arrayMin(arrayFilter(at -> at > ${name}__closed, arrayPushBack(${name}__opened, ${neverMs})))`,
          },
        ],
        value: `toNullable(if(${name}__since = ${neverMs}, 0, ${daysSince(`${name}__since`)}))`,
        slope: `if(${name}__since = ${neverMs}, 0, 1 / ${DAY})`,
        steps: [],
      };
  }
}
