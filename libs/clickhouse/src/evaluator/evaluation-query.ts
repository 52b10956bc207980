import { z } from 'zod';
import type { Pack, Rule } from '#domain';
import { DAY, HOUR, hourExactMs, signalsOf } from '#domain';
import { query } from '../query.js';
import { conditionSql, crossings } from './condition-sql.js';
import type { SignalColumns } from './condition-sql.js';
import { neverMs, signalSql } from './signal-sql.js';

/** What a number in `verdicts` stands for. */
export const verdictCodes = ['no-data', 'ok', 'between', 'breach'] as const;

const floorTo = (instant: string, sizeMs: number): string => `intDiv(${instant}, ${sizeMs}) * ${sizeMs}`;

/**
 * A customer's past in pieces that do not overlap: whole days where windows are exact to the day, whole hours where
 * they are exact to the hour, and single events in the hour of `as_of`, so that nothing after `as_of` is counted.
 */
const pieces = `
  SELECT customer, as_of, type, bucket AS start, events, amount, first_at, last_at
  FROM $db.activity_day_v1 INNER JOIN asked USING (customer)
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND bucket < ${floorTo(`(as_of - ${hourExactMs})`, DAY)}
  UNION ALL
  SELECT customer, as_of, type, bucket AS start, events, amount, first_at, last_at
  FROM $db.activity_hour_v1 INNER JOIN asked USING (customer)
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
    AND bucket >= {oldestHour:Int64} AND bucket >= ${floorTo(`(as_of - ${hourExactMs})`, DAY)} AND bucket < ${floorTo('as_of', HOUR)}
  UNION ALL
  SELECT customer, as_of, type, ${floorTo('occurred_at', HOUR)} AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount,
         occurred_at AS first_at, occurred_at AS last_at
  FROM $db.event_v1 INNER JOIN asked USING (customer)
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
    AND occurred_at >= {oldestEvent:Int64} AND occurred_at >= ${floorTo('as_of', HOUR)} AND occurred_at <= as_of`;

function verdictSql(rule: Rule, columns: SignalColumns): string {
  const holds = (condition: Rule['enter']): string => `ifNull(${conditionSql(condition, columns)}, 0)`;
  return `multiIf(NOT ${holds(rule.guard)}, 0, ${holds(rule.enter)}, 3, ${holds(rule.exit)}, 1, 2)`;
}

/** Compiles a pack into one query: every signal and every verdict of a set of customers, each at an instant of their own. */
export function evaluationQuery(pack: Pack) {
  const compiled = new Map(pack.signals.map((signal) => [signal.name, signalSql(signal)]));
  const columns: SignalColumns = { value: (name) => name, slope: (name) => compiled.get(name)?.slope ?? null };
  const conditions = pack.rules.flatMap((rule) => [rule.guard, rule.enter, rule.exit]);
  const judged = new Set(conditions.flatMap((condition) => [...signalsOf(condition)]));
  const changes = [
    ...[...judged].flatMap((name) => compiled.get(name)?.steps ?? []),
    ...conditions.flatMap((condition) => crossings(condition, columns)),
  ];
  const unique = [...new Set(changes)].map((instant) => `ifNull(${instant}, ${neverMs})`);
  const aggregates = [...compiled.values()].flatMap((signal) => signal.aggregates);

  const sql = `WITH
asked AS (
  SELECT tupleElement(pair, 1) AS customer, tupleElement(pair, 2) AS as_of
  FROM (SELECT arrayJoin(arrayZip({customers:Array(String)}, {asOf:Array(Int64)})) AS pair)
),
pieces AS (${pieces}
),
signals AS (
  SELECT customer, as_of,
    ${[...compiled].map(([name, signal]) => `${signal.value} AS ${name}`).join(',\n    ')}${aggregates.length > 0 ? ',\n    ' : ''}${aggregates
      .map((aggregate) => `${aggregate.sql} AS ${aggregate.as}`)
      .join(',\n    ')}
  FROM pieces
  GROUP BY customer, as_of
)
SELECT customer, as_of,
  [${pack.rules.map((rule) => verdictSql(rule, columns)).join(',\n   ')}] AS verdicts,
  [${[...compiled.keys()].join(', ')}] AS values,
  arrayMin([${[...unique, String(neverMs)].join(',\n   ')}]) AS next_change
FROM signals`;

  return query({
    name: `evaluate-${pack.name}`,
    about: `Signals and verdicts of the pack "${pack.name}" for a set of customers, each as of an instant of their own.`,
    sql,
    params: z.object({
      tenant: z.string(),
      customers: z.array(z.string()),
      asOf: z.array(z.number().int()),
      oldestHour: z.number().int(),
      oldestEvent: z.number().int(),
    }),
    row: z.tuple([z.string(), z.number(), z.array(z.number()), z.array(z.number().nullable()), z.number()]),
  });
}
