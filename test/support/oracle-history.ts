/**
 * What a signal and a verdict mean at an instant t, worked out from the bare list of events; the store must match it:
 * - Only events with occurredAt <= t count. An event belongs to the UTC hour and to the UTC day that it fell in.
 * - A lookback's bound b, in ms ago, says "newer than": b = 0 is no bound at all (now); up to 35 days an event is newer
 *   when hour(occurredAt) > hour(t) - b; beyond, when day(occurredAt) > day(t) - b. An event is inside the lookback when
 *   it is newer than `fromMs` and, unless `toMs` is 0, not newer than `toMs`.
 * - count: events inside. sum: their amounts, null as 0. active-days: UTC days with at least one of them.
 * - silence: t less the latest, in days, exact to the ms. tenure: t less the earliest. Null when there was none.
 * - usual-gap: n UTC days with an event, span in days from the first event to the last: (span + 3 priorGapDays) / (n + 2);
 *   null when n < minimumActiveDays.
 * - open-for: days since the oldest event strictly later than the latest `closedBy` event; 0 when there is none.
 * - A null operand makes a number null, so does a division by zero; a comparison with null is unknown; and, or, not follow
 *   Kleene's three-valued logic.
 * - Guard not true: no-data. Else enter true: breach. Else exit true: ok. Else between.
 */
import type { ActivityEvent, Condition, NumberExpr, Pack, Rule, Signal, SignalValues, Verdict } from '#domain';
import { DAY, HOUR } from '#domain';

interface Series {
  readonly signal: Signal;
  /** Occurrences of the signal's types, oldest first, and their amounts. */
  readonly times: readonly number[];
  readonly amounts: readonly number[];
  /** For open-for: occurrences of the closing types. */
  readonly closings: readonly number[];
}

/** One customer's events as the pack's signals see them. */
export class History {
  /** When anything happened, oldest first. */
  readonly instants: readonly number[];
  private readonly series: ReadonlyMap<string, Series>;
  private seenAt = Number.NaN;
  private seen = new Map<string, number | null>();

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

  /** Rules share signals: one instant's values are kept until another instant is asked for. */
  private signal(name: string, at: number): number | null {
    if (at !== this.seenAt) {
      this.seenAt = at;
      this.seen.clear();
    }
    const known = this.seen.get(name);
    if (known !== undefined) return known;
    const series = this.series.get(name);
    if (!series) throw new Error(`the pack has no signal ${name}`);
    const value = valueAt(series, at);
    this.seen.set(name, value);
    return value;
  }
}

function valueAt({ signal, times, amounts, closings }: Series, at: number): number | null {
  const seen = countWhile(times, (time) => time <= at);
  switch (signal.kind) {
    case 'count':
    case 'sum':
    case 'active-days': {
      const { fromMs, toMs } = signal.lookback;
      const first = countWhile(times, (time) => !isNewer(time, fromMs, at));
      const end = toMs === 0 ? seen : countWhile(times, (time) => !isNewer(time, toMs, at));
      if (signal.kind === 'count') return Math.max(0, end - first);
      if (signal.kind === 'sum') return amounts.slice(first, end).reduce((sum, amount) => sum + amount, 0);
      return new Set(times.slice(first, end).map(dayOf)).size;
    }
    case 'silence':
      return seen === 0 ? null : (at - times[seen - 1]!) / DAY;
    case 'tenure':
      return seen === 0 ? null : (at - times[0]!) / DAY;
    case 'usual-gap': {
      const days = new Set(times.slice(0, seen).map(dayOf)).size;
      if (days === 0 || days < signal.minimumActiveDays) return null;
      return ((times[seen - 1]! - times[0]!) / DAY + 3 * signal.priorGapDays) / (days + 2);
    }
    case 'open-for': {
      const closed = countWhile(closings, (time) => time <= at);
      const closedAt = closed === 0 ? Number.NEGATIVE_INFINITY : closings[closed - 1]!;
      const oldest = countWhile(times, (time) => time <= closedAt);
      return oldest < seen ? (at - times[oldest]!) / DAY : 0;
    }
  }
}

export const hourOf = (time: number): number => Math.floor(time / HOUR) * HOUR;
const dayOf = (time: number): number => Math.floor(time / DAY) * DAY;

function isNewer(time: number, boundMs: number, at: number): boolean {
  return boundMs <= 35 * DAY ? hourOf(time) > hourOf(at) - boundMs : dayOf(time) > dayOf(at) - boundMs;
}

/** How many of the sorted times come before the first that fails the test. */
function countWhile(times: readonly number[], holds: (time: number) => boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(times[middle]!)) low = middle + 1;
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
