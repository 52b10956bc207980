import type { EventType, Lookback, Push, Signal } from '#domain';
import { DAY, hourExactMs } from '#domain';

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

/** True for a piece that lies nearer than `boundMs` ago. Near bounds cut at whole hours, far ones at whole days. */
const newerThan = (boundMs: number): string =>
  boundMs <= hourExactMs ? `start > hour_now - ${boundMs}` : `day > day_now - ${boundMs}`;

const inside = ({ fromMs, toMs }: Lookback): string =>
  toMs > 0 ? `${newerThan(fromMs)} AND NOT (${newerThan(toMs)})` : newerThan(fromMs);

/** When the piece that starts at `start` passes a bound. */
const passes = (boundMs: number): string => (boundMs <= hourExactMs ? `start + ${boundMs}` : `day + ${boundMs}`);

function lookbackSql(signal: Signal & { lookback: Lookback }, aggregate: string, types: string): SignalSql {
  const { fromMs, toMs } = signal.lookback;
  const leaves = {
    as: `${signal.name}__leaves`,
    sql: `minOrNullIf(${passes(fromMs)}, ${types} AND ${inside(signal.lookback)})`,
  };
  const enters = { as: `${signal.name}__enters`, sql: `minOrNullIf(${passes(toMs)}, ${types} AND ${newerThan(toMs)})` };
  const moves = toMs > 0 ? [leaves, enters] : [leaves];
  return {
    aggregates: [
      { as: `${signal.name}__raw`, sql: aggregate.replaceAll('$when', `${types} AND ${inside(signal.lookback)}`) },
      ...moves,
    ],
    value: `toNullable(toFloat64(${signal.name}__raw))`,
    slope: null,
    // Amounts may be negative, and a mean rises when a low one leaves: they may go either way.
    steps: moves.map((move) => ({
      at: move.as,
      push: signal.kind === 'sum' || signal.kind === 'mean' ? 'both' : move === leaves ? 'down' : 'up',
    })),
  };
}

const daysSince = (instant: string): string => `(as_of - ${instant}) / ${DAY}`;

export function signalSql(signal: Signal, typeColumn: TypeColumn): SignalSql {
  const types = typeColumn(signal.events);
  const name = signal.name;
  switch (signal.kind) {
    case 'count':
      return lookbackSql(signal, 'sumIf(events, $when)', types);
    case 'sum':
      return lookbackSql(signal, 'sumIf(amount, $when)', types);
    case 'mean':
      return lookbackSql(signal, 'sumIf(amount, $when) / nullIf(sumIf(events, $when), 0)', types);
    case 'active-days':
      return lookbackSql(signal, 'uniqExactIf(day, $when)', types);
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
      return {
        aggregates: [
          { as: `${name}__days`, sql: `uniqExactIf(day, ${types})` },
          { as: `${name}__first`, sql: `minOrNullIf(first_at, ${types})` },
          { as: `${name}__last`, sql: `maxOrNullIf(last_at, ${types})` },
        ],
        value:
          `if(${name}__days < ${signal.minimumActiveDays}, NULL, ` +
          `((${name}__last - ${name}__first) / ${DAY} + 3 * ${signal.priorGapDays}) / (${name}__days + 2))`,
        slope: null,
        steps: [],
      };
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

/** Later than any instant. */
export const neverMs = 9_000_000_000_000_000;
