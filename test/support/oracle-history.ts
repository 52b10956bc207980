/**
 * What a signal and a verdict mean at an instant t, worked out from the bare list of events; the store must match it:
 * - Only events with occurredAt <= t count. An event belongs to the UTC hour and to the UTC day that it fell in.
 * - A lookback's bound b, in ms ago, says "newer than": b = 0 is no bound at all (now); up to 35 days an event is newer
 *   when hour(occurredAt) > hour(t) - b; beyond, when day(occurredAt) > day(t) - b. An event is inside the lookback when
 *   it is newer than `fromMs` and, unless `toMs` is 0, not newer than `toMs`.
 * - count: events inside. sum: their amounts, null as 0. mean: sum / count, null when there are none.
 * - active-days: UTC days with at least one of them.
 * - silence: t less the latest, in days, exact to the ms. tenure: t less the earliest. Null when there was none.
 * - usual-gap: n UTC days with an event, span in days from the first event to the last: (span + 3 priorGapDays) / (n + 2);
 *   null when n < minimumActiveDays.
 * - share: events inside / events of the types `among` inside; null when there are none of those.
 * - ratio: the measure inside / (the measure in the `baselineMs` before * length of the lookback / baselineMs); null while
 *   the baseline's measure is below the minimum.
 * - trend: over the `weeks` * 7 whole UTC days before t's day, cut into weeks from the newest: least-squares slope of the
 *   number of events over the week's number, later being more; null when the first event's day lies within them or today.
 * - overdue: silence / usual-gap.
 * - gap-spread: 1.4826 * the median of |gap - median gap| over the gaps between successive days with an event; null when
 *   n < minimumActiveDays.
 * - missed-days: special days aside, came(w) of the lived(w) days of weekday w from the first day with an event to the last
 *   had one; rate = min(1, (sum came + 2) / (sum lived + 3 priorGapDays)); p(w) = (came(w) + 4 rate) / (lived(w) + 4); the
 *   sum of p over the days after the last one and before t's, special days aside, rounded down, 30 at most; null when
 *   n < minimumActiveDays.
 * - open-for: days since the oldest event strictly later than the latest `closedBy` event; 0 when there is none.
 * - A null operand makes a number null, so does a division by zero; a comparison with null is unknown; and, or, not follow
 *   Kleene's three-valued logic.
 * - Guard not true: no-data. Else enter true: breach. Else exit true: ok. Else between.
 */
import type {
  ActivityEvent,
  Condition,
  Lookback,
  Measure,
  NumberExpr,
  Pack,
  Rule,
  Signal,
  SignalValues,
  Verdict,
} from '#domain';
import { DAY, growingKinds, HOUR } from '#domain';

interface Series {
  readonly signal: Signal;
  /** Occurrences of the signal's types, oldest first. */
  readonly times: readonly number[];
  /** The hour and the day each fell in. */
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly amounts: readonly number[];
  /** For open-for: occurrences of the closing types. */
  readonly closings: readonly number[];
  /** For share: those of `among`. */
  readonly whole: Pick<Series, 'hours' | 'days' | 'times'>;
}

/** One customer's events as the pack's signals see them. */
export class History {
  /** When anything happened, oldest first. */
  readonly instants: readonly number[];
  private readonly series: ReadonlyMap<string, Series>;
  private last?: { readonly at: number; readonly rules: readonly Rule[]; readonly verdicts: readonly Verdict[] };
  private readonly still = new Map<
    string,
    { readonly hour: number; readonly seen: number; readonly value: number | null }
  >();

  constructor(events: readonly ActivityEvent[], pack: Pack) {
    const sorted = [...events].sort((a, b) => a.occurredAt - b.occurredAt);
    this.instants = sorted.map((event) => event.occurredAt);
    this.series = new Map(
      pack.signals.map((signal) => {
        const counted = sorted.filter((event) => signal.events.includes(event.type));
        const closers = signal.kind === 'open-for' ? signal.closedBy : [];
        const closing = sorted.filter((event) => closers.includes(event.type));
        const among = signal.kind === 'share' ? signal.among : [];
        const whole = sorted.filter((event) => among.includes(event.type)).map((event) => event.occurredAt);
        const series: Series = {
          signal,
          times: counted.map((event) => event.occurredAt),
          hours: counted.map((event) => hourOf(event.occurredAt)),
          days: counted.map((event) => dayOf(event.occurredAt)),
          amounts: counted.map((event) => event.amount ?? 0),
          closings: closing.map((event) => event.occurredAt),
          whole: { times: whole, hours: whole.map(hourOf), days: whole.map(dayOf) },
        };
        return [signal.name, series] as const;
      }),
    );
  }

  signals(at: number): SignalValues {
    return Object.fromEntries(Array.from(this.series.keys(), (name) => [name, this.signal(name, at)]));
  }

  verdict(rule: Rule, at: number): Verdict {
    const read = (name: string): number | null => this.signal(name, at);
    if (truth(rule.guard, read) !== true) return 'no-data';
    if (truth(rule.enter, read) === true) return 'breach';
    return truth(rule.exit, read) === true ? 'ok' : 'between';
  }

  /** The last answer is kept: a walk through time asks for most instants twice. */
  verdicts(rules: readonly Rule[], at: number): readonly Verdict[] {
    if (this.last?.at !== at || this.last.rules !== rules) {
      this.last = { at, rules, verdicts: rules.map((rule) => this.verdict(rule, at)) };
    }
    return this.last.verdicts;
  }

  private signal(name: string, at: number): number | null {
    const series = this.series.get(name);
    if (!series) throw new Error(`the pack has no signal ${name}`);
    const seen = upTo(series.times, at);
    if (growingKinds.has(series.signal.kind)) return valueAt(series, at, seen);
    // The others stand still until the next hour or event: working them out each time would cost most of a run.
    const known = this.still.get(name);
    const all = seen + upTo(series.whole.times, at);
    if (known?.hour === hourOf(at) && known.seen === all) return known.value;
    const value = valueAt(series, at, seen);
    this.still.set(name, { hour: hourOf(at), seen: all, value });
    return value;
  }
}

function valueAt(series: Series, at: number, seen: number): number | null {
  const { signal, times, days, closings } = series;
  switch (signal.kind) {
    case 'count':
    case 'sum':
    case 'active-days':
      return measured(series, signal.kind, signal.lookback, at);
    case 'mean': {
      const sum = measured(series, 'sum', signal.lookback, at);
      const count = measured(series, 'count', signal.lookback, at);
      return count === 0 ? null : sum / count;
    }
    case 'share': {
      const whole = measured({ ...series, ...series.whole }, 'count', signal.lookback, at);
      return whole === 0 ? null : measured(series, 'count', signal.lookback, at) / whole;
    }
    case 'ratio': {
      const { of, lookback, baselineMs, minimum } = signal;
      const before = measured(series, of, { fromMs: lookback.fromMs + baselineMs, toMs: lookback.fromMs }, at);
      if (before < minimum) return null;
      const perDay = (lookback.fromMs - lookback.toMs) / baselineMs;
      return before * perDay === 0 ? null : measured(series, of, lookback, at) / (before * perDay);
    }
    case 'trend': {
      const { weeks } = signal;
      const today = dayOf(at) / DAY;
      if (seen === 0 || days[0]! / DAY > today - 7 * weeks) return null;
      let slope = 0;
      for (const day of days.slice(0, seen)) {
        const week = Math.floor((today - 1 - day / DAY) / 7);
        if (week >= 0 && week < weeks) slope += (weeks - 1) / 2 - week;
      }
      return slope / ((weeks * (weeks ** 2 - 1)) / 12);
    }
    case 'silence':
      return seen === 0 ? null : (at - times[seen - 1]!) / DAY;
    case 'tenure':
      return seen === 0 ? null : (at - times[0]!) / DAY;
    case 'usual-gap':
    case 'overdue': {
      const n = different(days, 0, seen);
      if (n === 0 || n < signal.minimumActiveDays) return null;
      const gap = ((times[seen - 1]! - times[0]!) / DAY + 3 * signal.priorGapDays) / (n + 2);
      return signal.kind === 'usual-gap' ? gap : (at - times[seen - 1]!) / DAY / gap;
    }
    case 'gap-spread': {
      const active = [...new Set(days.slice(0, seen))].map((day) => day / DAY);
      if (active.length < signal.minimumActiveDays) return null;
      const gaps = active.slice(1).map((day, index) => day - active[index]!);
      const usual = median(gaps);
      return 1.4826 * median(gaps.map((gap) => Math.abs(gap - usual)));
    }
    case 'missed-days':
      return missedDays(
        signal,
        [...new Set(days.slice(0, seen))].map((day) => day / DAY),
        Math.floor(at / DAY),
      );
    case 'open-for': {
      const closed = upTo(closings, at);
      const closedAt = closed === 0 ? Number.NEGATIVE_INFINITY : closings[closed - 1]!;
      const oldest = upTo(times, closedAt);
      return oldest < seen ? (at - times[oldest]!) / DAY : 0;
    }
  }
}

/** A lookback's count, sum or number of days. */
function measured(
  series: Pick<Series, 'times' | 'hours' | 'days' | 'amounts'>,
  measure: Measure,
  { fromMs, toMs }: Lookback,
  at: number,
): number {
  const first = notNewer(series, fromMs, at);
  const end = toMs === 0 ? upTo(series.times, at) : notNewer(series, toMs, at);
  if (measure === 'count') return Math.max(0, end - first);
  if (measure === 'active-days') return different(series.days, first, end);
  return series.amounts.slice(first, end).reduce((total, amount) => total + amount, 0);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)]!, sorted[Math.ceil((sorted.length - 1) / 2)]!];
  return (low + high) / 2;
}

function missedDays(
  { specialDays, priorGapDays, minimumActiveDays }: Extract<Signal, { kind: 'missed-days' }>,
  active: readonly number[],
  today: number,
): number | null {
  if (active.length === 0 || active.length < minimumActiveDays) return null;
  const [came, lived] = [Array<number>(7).fill(0), Array<number>(7).fill(0)];
  const weekdayOf = (day: number): number => (day + 3) % 7;
  for (let day = active[0]!; day <= active.at(-1)!; day++) {
    if (specialDays.includes(day)) continue;
    lived[weekdayOf(day)]! += 1;
    if (active.includes(day)) came[weekdayOf(day)]! += 1;
  }
  const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
  const rate = Math.min(1, (total(came) + 2) / (total(lived) + 3 * priorGapDays));
  let missed = 0;
  for (let day = active.at(-1)! + 1; day < today; day++) {
    if (specialDays.includes(day)) continue;
    const weekday = weekdayOf(day);
    missed += (came[weekday]! + 4 * rate) / (lived[weekday]! + 4);
  }
  return Math.min(30, Math.floor(missed + 1e-9));
}

export const hourOf = (time: number): number => Math.floor(time / HOUR) * HOUR;
const dayOf = (time: number): number => Math.floor(time / DAY) * DAY;

/** How many events, the oldest first, are not newer than the bound. */
function notNewer({ hours, days }: Pick<Series, 'hours' | 'days'>, boundMs: number, at: number): number {
  return boundMs <= 35 * DAY ? upTo(hours, hourOf(at) - boundMs) : upTo(days, dayOf(at) - boundMs);
}

function different(sorted: readonly number[], first: number, end: number): number {
  let count = 0;
  for (let i = first; i < end; i++) if (i === first || sorted[i] !== sorted[i - 1]) count++;
  return count;
}

/** How many of the sorted times lie at or before the limit. */
function upTo(times: readonly number[], limit: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Read = (signal: string) => number | null;

function truth(condition: Condition, read: Read): boolean | null {
  switch (condition.kind) {
    case 'always':
      return condition.value;
    case 'not': {
      const of = truth(condition.of, read);
      return of === null ? null : !of;
    }
    case 'and':
    case 'or': {
      const decides = condition.kind === 'or';
      const left = truth(condition.left, read);
      if (left === decides) return decides;
      const right = truth(condition.right, read);
      if (right === decides) return decides;
      return left === null || right === null ? null : !decides;
    }
    case 'compare': {
      const left = number(condition.left, read);
      const right = number(condition.right, read);
      if (left === null || right === null) return null;
      switch (condition.op) {
        case '<':
          return left < right;
        case '<=':
          return left <= right;
        case '>':
          return left > right;
        case '>=':
          return left >= right;
        case '==':
          return left === right;
        case '!=':
          return left !== right;
      }
    }
  }
}

function number(expr: NumberExpr, read: Read): number | null {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'signal':
      return read(expr.name);
    case 'negate': {
      const of = number(expr.of, read);
      return of === null ? null : -of;
    }
    case 'arithmetic': {
      const left = number(expr.left, read);
      const right = number(expr.right, read);
      if (left === null || right === null) return null;
      switch (expr.op) {
        case '+':
          return left + right;
        case '-':
          return left - right;
        case '*':
          return left * right;
        case '/':
          return right === 0 ? null : left / right;
      }
    }
  }
}
