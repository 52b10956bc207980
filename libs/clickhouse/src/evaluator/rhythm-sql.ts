import type { Signal } from '#domain';
import { DAY, missedDaysCap, weekdayPriorWeeks } from '#domain';
import type { SignalSql } from './signal-sql.js';

type Rhythm = Extract<Signal, { kind: 'usual-gap' | 'overdue' | 'gap-spread' | 'missed-days' }>;

/** Signals over the days on which a customer was active: their own rhythm, and how far they are off it. */
export function rhythmSql(signal: Rhythm, types: string): SignalSql {
  const { name } = signal;
  const aggregates = [
    { as: `${name}__first`, sql: `minOrNullIf(first_at, ${types})` },
    { as: `${name}__last`, sql: `maxOrNullIf(last_at, ${types})` },
  ];
  const known = (value: string): string => `if(${name}__days < ${signal.minimumActiveDays}, NULL, ${value})`;
  switch (signal.kind) {
    case 'usual-gap':
    case 'overdue': {
      const days = { as: `${name}__days`, sql: `uniqExactIf(day, ${types})` };
      const gap = `(((${name}__last - ${name}__first) / ${DAY} + 3 * ${signal.priorGapDays}) / (${name}__days + 2))`;
      const own = signal.kind === 'usual-gap';
      return {
        aggregates: [...aggregates, days],
        value: known(own ? gap : `(as_of - ${name}__last) / ${DAY} / ${gap}`),
        slope: own ? null : known(`1 / ${DAY} / ${gap}`),
        steps: [],
      };
    }
    case 'gap-spread': {
      const median = (of: string): string => `arrayReduce('quantileExactInclusive(0.5)', ${of})`;
      const away = `arrayMap(gap -> abs(gap - ${median(`${name}__gaps`)}), ${name}__gaps)`;
      return {
        aggregates: [
          { as: `${name}__active`, sql: `arraySort(groupUniqArrayIf(intDiv(day, ${DAY}), ${types}))` },
          { as: `${name}__days`, sql: `length(${name}__active)` },
          { as: `${name}__gaps`, sql: `arrayPopFront(arrayDifference(${name}__active))` },
        ],
        value: known(`1.4826 * ${median(away)}`),
        slope: null,
        steps: [],
      };
    }
    case 'missed-days':
      return missedDaysSql(signal, types, known);
  }
}

/** Sums that are equal but for rounding count as equal. */
const tolerance = 1e-9;

/** Gives values their names within an expression. An alias would be written out wherever it is used, and so would those in it. */
function letSql(values: Readonly<Record<string, string>>, within: string): string {
  const given = Object.values(values).map((value) => `[${value}]`);
  return `arrayMap((${Object.keys(values).join(', ')}) -> ${within}, ${given.join(', ')})[1]`;
}

/** Days are counted from 1970-01-01, a Thursday; weekday 0 is Monday. */
function missedDaysSql(
  signal: Extract<Signal, { kind: 'missed-days' }>,
  types: string,
  known: (value: string) => string,
): SignalSql {
  const { name, priorGapDays, specialDays } = signal;
  const [active, counted] = [`${name}__active`, `${name}__counted`];
  const daysSql = (days: readonly number[]): string => `[${days.join(', ')}]::Array(Int64)`;
  const weekday = (day: string): string => `((${day} + 3) % 7)`;
  const specialOn = [0, 1, 2, 3, 4, 5, 6].map((w) => specialDays.filter((day) => (day + 3) % 7 === w));
  const overWeekdays = (of: string): string => `arrayMap((w, special) -> ${of}, range(7), special_on)`;
  /** How many ordinary days of weekday `w` lie from one day to another, both included. */
  const ordinary = (from: string, to: string): string => {
    const upTo = (day: string): string => `intDiv(${day} + 3 - w + 7, 7)`;
    return `greatest(0, ${upTo(to)} - ${upTo(`${from} - 1`)}) - arrayCount(s -> s >= ${from} AND s <= ${to}, special)`;
  };
  const today = `intDiv(as_of, ${DAY})`;
  const profile = letSql(
    { rate: `least(1, (length(own) + 2) / (arraySum(lived) + 3 * ${priorGapDays}))` },
    `arrayMap((c, l) -> (c + ${weekdayPriorWeeks} * rate) / (l + ${weekdayPriorWeeks}), came, lived)`,
  );
  // By the weekdays alone: special days only make it too early.
  const next = letSql(
    { weeks: 'greatest(0, ceil(lacks / a_week) - 1)' },
    letSql(
      {
        days: `arrayFirstIndex(
          sum -> sum >= lacks - weeks * a_week - ${2 * tolerance},
          arrayCumSum(arrayMap(i -> p[${weekday(`${today} + i`)} + 1], range(7))))`,
      },
      `(${today} + 7 * toInt64(weeks) + if(days = 0, 7, days)) * ${DAY}`,
    ),
  );
  const missedAndNext = letSql(
    { special_on: `[${specialOn.map(daysSql).join(', ')}]` },
    letSql(
      {
        first: `arrayMin(${active})`,
        last: `arrayMax(${active})`,
        own: `arrayFilter(d -> NOT has(special_on[${weekday('d')} + 1], d), ${active})`,
      },
      letSql(
        {
          came: overWeekdays(`arrayCount(d -> ${weekday('d')} = w, own)`),
          lived: overWeekdays(ordinary('first', 'last')),
          passed: overWeekdays(ordinary('last + 1', `${today} - 1`)),
        },
        letSql(
          { p: profile },
          letSql(
            { expected: 'arraySum(arrayMap((q, n) -> q * n, p, passed))', a_week: 'arraySum(p)' },
            letSql(
              { missed: `floor(expected + ${tolerance})`, lacks: `floor(expected + ${tolerance}) + 1 - expected` },
              `(missed, ${next})`,
            ),
          ),
        ),
      ),
    ),
  );
  return {
    aggregates: [
      { as: active, sql: `groupUniqArrayIf(intDiv(day, ${DAY}), ${types})` },
      { as: `${name}__days`, sql: `length(${active})` },
      { as: counted, sql: missedAndNext },
    ],
    value: known(`toNullable(least(${missedDaysCap}, ${counted}.1))`),
    slope: null,
    steps: [{ at: `if(${counted}.1 >= ${missedDaysCap}, NULL, ${known(`${counted}.2`)})`, push: 'up' }],
  };
}
