import { z } from 'zod';
import type { Condition, EventType, Pack, Push, Rule } from '#domain';
import { canTurn, DAY, HOUR, hourExactMs, signalsOf } from '#domain';
import { listOf, query } from '../query.js';
import { conditionSql, crossings } from './condition-sql.js';
import type { Crossing, SignalColumns } from './condition-sql.js';
import type { SignalSql } from './signal-sql.js';
import { neverMs, signalSql } from './signal-sql.js';
import { stageSql } from './stage-sql.js';

/** What a number in `verdicts` stands for. */
export const verdictCodes = ['no-data', 'ok', 'between', 'breach'] as const;

const floorTo = (instant: string, sizeMs: number): string => `intDiv(${instant}, ${sizeMs}) * ${sizeMs}`;

/** Pieces of one table, once for each instant that the customer is asked about. */
const piecesFrom = (table: string, columns: string, bounds: string, within: string): string => `
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, ${columns}, ${instants} AS instants
    FROM $db.${table}
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}${bounds}
  ) ARRAY JOIN instants AS as_of
  WHERE ${within}`;

/** Each customer's own instants. Looked up in a hash table that the engine makes once: cheaper than a join. */
const instants =
  '{instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))]';
const bucketColumns = 'bucket AS start, events, amount, first_at, last_at';
const daysUntil = floorTo(`(as_of - ${hourExactMs})`, DAY);

const eventColumns = `${floorTo('occurred_at', HOUR)} AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount, occurred_at AS first_at, occurred_at AS last_at`;

/**
 * A customer's past in pieces that do not overlap: whole days where windows are exact to the day, whole hours where
 * they are exact to the hour, and single events in the hour of `as_of`, so that nothing after `as_of` is counted.
 * `oneByOne`: types of which every single event is wanted, for it matters which came before which.
 */
function piecesSql(oneByOne: readonly EventType[]): string {
  const others = oneByOne.length === 0 ? '' : ` AND type NOT IN (${listOf(oneByOne)})`;
  const pieces = [
    piecesFrom('activity_day_v1', bucketColumns, others, `start < ${daysUntil}`),
    piecesFrom(
      'activity_hour_v1',
      bucketColumns,
      ` AND bucket >= {oldestHour:Int64}${others}`,
      `start >= ${daysUntil} AND start < ${floorTo('as_of', HOUR)}`,
    ),
    piecesFrom(
      'event_v1',
      eventColumns,
      ` AND occurred_at >= {oldestEvent:Int64}${others}`,
      `first_at >= ${floorTo('as_of', HOUR)} AND first_at <= as_of`,
    ),
  ];
  if (oneByOne.length > 0) {
    pieces.push(piecesFrom('event_v1', eventColumns, ` AND type IN (${listOf(oneByOne)})`, 'first_at <= as_of'));
  }
  return pieces.join('\n  UNION ALL');
}

/** A column for each set of event types, so that a piece's type is looked at once for all signals. */
class TypeColumns {
  private readonly sets: string[] = [];

  readonly column = (types: readonly EventType[]): string => {
    const set = listOf(types);
    if (!this.sets.includes(set)) this.sets.push(set);
    return `of_${this.sets.indexOf(set)}`;
  };

  get sql(): string {
    return this.sets.map((set, index) => `type IN (${set}) AS of_${index}`).join(',\n    ');
  }
}

/** A column for each condition on a piece that several aggregates ask for, so that it stands in the query once. */
class WhenColumns {
  private readonly conditions: string[] = [];

  readonly column = (condition: string): string => {
    if (!this.conditions.includes(condition)) this.conditions.push(condition);
    return `when_${this.conditions.indexOf(condition)}`;
  };

  get sql(): string {
    return this.conditions.map((condition, index) => `,\n    ${condition} AS when_${index}`).join('');
  }
}

/** Not the bare name: a signal may be called like a column or a keyword. Names of signals hold no double underscore. */
const valueColumn = (name: string): string => `${name}__value`;

type Compiled = ReadonlyMap<string, SignalSql>;

const signalsIn = (conditions: readonly Condition[]): ReadonlySet<string> =>
  new Set(conditions.flatMap((condition) => [...signalsOf(condition)]));

/** The instants at which signals step by themselves, of those signals and steps that matter. */
const stepsThat = (
  compiled: Compiled,
  matter: (name: string, push: Push) => boolean,
  of: ReadonlySet<string>,
): string[] =>
  [...of].flatMap((name) =>
    (compiled.get(name)?.steps ?? []).filter((step) => matter(name, step.push)).map((step) => step.at),
  );

/** True where a comparison reads this signal together with one that grows. */
function isBesideGrowth(condition: Condition, name: string, columns: SignalColumns): boolean {
  if (condition.kind === 'always') return false;
  if (condition.kind === 'not') return isBesideGrowth(condition.of, name, columns);
  if (condition.kind !== 'compare')
    return [condition.left, condition.right].some((side) => isBesideGrowth(side, name, columns));
  const read = signalsOf(condition);
  return read.has(name) && [...read].some((other) => columns.slope(other) !== null);
}

/** Names each waiting time once, however many comparisons ask for it. */
class Waits {
  private readonly names: string[] = [];

  turn(crossing: Crossing): string {
    if (!this.names.includes(crossing.wait)) this.names.push(crossing.wait);
    return crossing.turnsAt(`wait_${this.names.indexOf(crossing.wait)}`);
  }

  get sql(): string {
    return this.names.map((wait, index) => `,\n    ${wait} AS wait_${index}`).join('');
  }
}

const earliest = (instants: ReadonlySet<string>): string =>
  `arrayMin(arrayMap(at -> ifNull(at, ${neverMs}), [${[...instants, String(neverMs)].join(',\n    ')}]))`;

function verdictSql(rule: Rule, columns: SignalColumns): string {
  const holds = (condition: Rule['enter']): string => `ifNull(${conditionSql(condition, columns)}, 0)`;
  return `multiIf(NOT ${holds(rule.guard)}, 0, ${holds(rule.enter)}, 3, ${holds(rule.exit)}, 1, 2)`;
}

/** Compiles a pack into one query: every signal, every verdict and the stage of a set of customers, each at instants of their own. */
export function evaluationQuery(pack: Pack) {
  const types = new TypeColumns();
  const whens = new WhenColumns();
  const compiled = new Map(pack.signals.map((signal) => [signal.name, signalSql(signal, types.column, whens.column)]));
  const oneByOne = [...new Set(pack.signals.flatMap((signal) => (signal.kind === 'open-for' ? signal.events : [])))];
  const columns: SignalColumns = { value: valueColumn, slope: (name) => compiled.get(name)?.slope ?? null };
  const conditions = pack.rules.flatMap((rule) => [rule.guard, rule.enter, rule.exit]);
  const waits = new Waits();
  const changes = new Set([
    ...stepsThat(compiled, () => true, signalsIn(conditions)),
    ...conditions.flatMap((condition) => crossings(condition, columns)).map((crossing) => waits.turn(crossing)),
  ]);
  const raising = pack.rules.flatMap((rule) => [rule.guard, rule.enter]);
  const breaches = new Set([
    ...stepsThat(
      compiled,
      (name, push) =>
        raising.some((each) => {
          // A step out of the breach matters as well where something grows beside it, which may bring it back.
          const own = isBesideGrowth(each, name, columns) ? 'both' : push;
          return canTurn(each, true, (other) => (other === name ? own : 'none'));
        }),
      signalsIn(raising),
    ),
    ...raising.flatMap((condition) => crossings(condition, columns, true)).map((crossing) => waits.turn(crossing)),
  ]);
  const stage = stageSql(pack.churn, types.column);
  const aggregates = [...[...compiled.values()].flatMap((signal) => signal.aggregates), ...stage.aggregates];
  const lines = (parts: readonly string[]): string => parts.join(',\n    ');

  const sql = `WITH
pieces AS (
  SELECT customer, as_of, start, events, amount, first_at, last_at,
    ${floorTo('start', DAY)} AS day, ${floorTo('as_of', HOUR)} AS hour_now, ${floorTo('as_of', DAY)} AS day_now,
    ${types.sql}${whens.sql}
  FROM (${piecesSql(oneByOne)}
  )
),
read AS (
  SELECT customer, as_of,
    ${lines(aggregates.map((aggregate) => `${aggregate.sql} AS ${aggregate.as}`))}
  FROM pieces
  GROUP BY customer, as_of
),
signals AS (
  SELECT *,
    ${lines([
      ...[...compiled].map(([name, signal]) => `${signal.value} AS ${valueColumn(name)}`),
      ...stage.bounds.map(({ as, sql }) => `${sql} AS ${as}`),
    ])}
  FROM read
),
timed AS (
  SELECT *${waits.sql}
  FROM signals
)
SELECT customer, as_of,
  [${lines(pack.rules.map((rule) => verdictSql(rule, columns)))}] AS verdicts,
  [${[...compiled.keys()].map(valueColumn).join(', ')}] AS values,
  ${earliest(changes)} AS next_change,
  ${earliest(breaches)} AS next_breach,
  ${stage.stage} AS stage,
  ${stage.next} AS next_stage,
  ${stage.usualGapDays} AS usual_gap_days
FROM timed`;

  return query({
    name: `evaluate-${pack.name}`,
    about: `Signals, verdicts and stages of the pack "${pack.name}" for a set of customers, each as of instants of their own.`,
    sql,
    params: z.object({
      tenant: z.string(),
      customers: z.array(z.string()),
      /** 1, 2, 3, ...: where each customer's instants stand. */
      places: z.array(z.number().int()),
      instants: z.array(z.array(z.number().int())),
      oldestHour: z.number().int(),
      oldestEvent: z.number().int(),
    }),
    row: z.tuple([
      z.string(),
      z.number(),
      z.array(z.number()),
      z.array(z.number().nullable()),
      z.number(),
      z.number(),
      z.number(),
      z.number(),
      z.number().nullable(),
    ]),
  });
}
