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

/** Days are counted from 1970-01-01, a Thursday; weekday 0 is Monday. */
function missedDaysSql(
  signal: Extract<Signal, { kind: 'missed-days' }>,
  types: string,
  known: (value: string) => string,
): SignalSql {
  const { name, priorGapDays, specialDays } = signal;
  const column = (part: string): string => `${name}__${part}`;
  const special = `[${specialDays.join(', ')}]::Array(Int64)`;
  const weekday = (day: string): string => `((${day} + 3) % 7)`;
  const overWeekdays = (of: string): string => `arrayMap(w -> ${of}, range(7))`;
  const specialWithin = (from: string, to: string): string =>
    `arrayCount(s -> s >= ${from} AND s <= ${to} AND ${weekday('s')} = w, ${special})`;
  /** How many ordinary days of weekday `w` lie from one day to another, both included. */
  const ordinary = (from: string, to: string): string => {
    const upTo = (day: string): string => `intDiv(${day} + 3 - w + 7, 7)`;
    return `greatest(0, ${upTo(to)} - ${upTo(`${from} - 1`)})${specialDays.length === 0 ? '' : ` - ${specialWithin(from, to)}`}`;
  };
  const sumOf = (array: string): string => `arraySum(${array})`;
  const today = `intDiv(as_of, ${DAY})`;
  const [days, first, last] = [column('active'), column('first'), column('last')];
  const expected = sumOf(`arrayMap((p, n) -> p * n, ${column('profile')}, ${column('passed')})`);
  const aggregates = [
    { as: 'active', sql: `groupUniqArrayIf(intDiv(day, ${DAY}), ${types})` },
    { as: 'days', sql: `length(${days})` },
    { as: 'first', sql: `arrayMin(${days})` },
    { as: 'last', sql: `arrayMax(${days})` },
    {
      as: 'ordinary',
      sql: specialDays.length === 0 ? days : `arrayFilter(d -> NOT has(${special}, d), ${days})`,
    },
    { as: 'came', sql: overWeekdays(`arrayCount(d -> ${weekday('d')} = w, ${column('ordinary')})`) },
    { as: 'lived', sql: overWeekdays(ordinary(first, last)) },
    { as: 'passed', sql: overWeekdays(ordinary(`${last} + 1`, `${today} - 1`)) },
    {
      as: 'rate',
      sql: `least(1, (${sumOf(column('came'))} + 2) / (${sumOf(column('lived'))} + 3 * ${priorGapDays}))`,
    },
    {
      as: 'profile',
      sql: `arrayMap((came, lived) -> (came + ${weekdayPriorWeeks} * ${column('rate')}) / (lived + ${weekdayPriorWeeks}), ${column('came')}, ${column('lived')})`,
    },
    { as: 'expected', sql: expected },
    { as: 'missed', sql: `floor(${column('expected')} + ${tolerance})` },
    // From here on: by the weekdays alone, so special days only make it too early.
    { as: 'lacks', sql: `${column('missed')} + 1 - ${column('expected')}` },
    { as: 'weeks', sql: `greatest(0, ceil(${column('lacks')} / ${sumOf(column('profile'))}) - 1)` },
    { as: 'rest', sql: `${column('lacks')} - ${column('weeks')} * ${sumOf(column('profile'))} - ${tolerance}` },
    {
      as: 'ahead',
      sql: `arrayCumSum(arrayMap(i -> ${column('profile')}[${weekday(`${today} + i`)} + 1], range(7)))`,
    },
    {
      as: 'in_days',
      sql: `arrayFirstIndex(sum -> sum >= ${column('rest')} - ${tolerance}, arrayPushBack(${column('ahead')}, inf))`,
    },
  ].map(({ as, sql }) => ({ as: column(as), sql }));
  const next = `(${today} + 7 * toInt64(${column('weeks')}) + least(7, ${column('in_days')})) * ${DAY}`;
  return {
    aggregates,
    value: known(`toNullable(least(${missedDaysCap}, ${column('missed')}))`),
    slope: null,
    steps: [{ at: `if(${column('missed')} >= ${missedDaysCap}, NULL, ${known(next)})`, push: 'up' }],
  };
}
