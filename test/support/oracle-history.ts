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
 * - open-for: days since the oldest event strictly later than the latest `closedBy` event; 0 when there is none.
 * - A null operand makes a number null, so does a division by zero; a comparison with null is unknown; and, or, not follow
 *   Kleene's three-valued logic.
 * - Guard not true: no-data. Else enter true: breach. Else exit true: ok. Else between.
 */
import type {
  ActivityEvent,
  Condition,
  NumberExpr,
  Pack,
  Rule,
  Signal,
  SignalKind,
  SignalValues,
  Verdict,
} from '#domain';
import { DAY, HOUR } from '#domain';

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
        const series: Series = {
          signal,
          times: counted.map((event) => event.occurredAt),
          hours: counted.map((event) => hourOf(event.occurredAt)),
          days: counted.map((event) => dayOf(event.occurredAt)),
          amounts: counted.map((event) => event.amount ?? 0),
          closings: closing.map((event) => event.occurredAt),
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
    if (movesEvenly.has(series.signal.kind)) return valueAt(series, at, seen);
    // The others stand still until the next hour or event: working them out each time would cost most of a run.
    const known = this.still.get(name);
    if (known?.hour === hourOf(at) && known.seen === seen) return known.value;
    const value = valueAt(series, at, seen);
    this.still.set(name, { hour: hourOf(at), seen, value });
    return value;
  }
}

const movesEvenly: ReadonlySet<SignalKind> = new Set(['silence', 'tenure', 'open-for']);

function valueAt(series: Series, at: number, seen: number): number | null {
  const { signal, times, days, amounts, closings } = series;
  switch (signal.kind) {
    case 'count':
    case 'sum':
    case 'mean':
    case 'active-days': {
      const { fromMs, toMs } = signal.lookback;
      const first = notNewer(series, fromMs, at);
      const end = toMs === 0 ? seen : notNewer(series, toMs, at);
      if (signal.kind === 'count') return Math.max(0, end - first);
      if (signal.kind === 'active-days') return different(days, first, end);
      const sum = amounts.slice(first, end).reduce((total, amount) => total + amount, 0);
      if (signal.kind === 'sum') return sum;
      return end > first ? sum / (end - first) : null;
    }
    case 'silence':
      return seen === 0 ? null : (at - times[seen - 1]!) / DAY;
    case 'tenure':
      return seen === 0 ? null : (at - times[0]!) / DAY;
    case 'usual-gap': {
      const n = different(days, 0, seen);
      if (n === 0 || n < signal.minimumActiveDays) return null;
      return ((times[seen - 1]! - times[0]!) / DAY + 3 * signal.priorGapDays) / (n + 2);
    }
    case 'open-for': {
      const closed = upTo(closings, at);
      const closedAt = closed === 0 ? Number.NEGATIVE_INFINITY : closings[closed - 1]!;
      const oldest = upTo(times, closedAt);
      return oldest < seen ? (at - times[oldest]!) / DAY : 0;
    }
  }
}

export const hourOf = (time: number): number => Math.floor(time / HOUR) * HOUR;
const dayOf = (time: number): number => Math.floor(time / DAY) * DAY;

/** How many events, the oldest first, are not newer than the bound. */
function notNewer({ hours, days }: Series, boundMs: number, at: number): number {
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
