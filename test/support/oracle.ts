/**
 * What Churnwatch ought to say, worked out the slow and plain way: no windows, no SQL, no deadlines, only the list of
 * events and the clock. Tests hold the real system against it.
 * See oracle-history.ts for what signals and verdicts mean.
 *
 * Flags are looked at when the customer's first event occurs, at every later event (all events of one instant counted
 * first), at every instant at which a verdict changes without one, and when `advanceFlag` asks to be asked again.
 */
import type {
  ActivityEvent,
  CustomerId,
  EpochMs,
  Flag,
  FlagState,
  Pack,
  RuleId,
  SignalValues,
  TenantId,
  Verdict,
} from '#domain';
import { advanceFlag, epochMs, HOUR, neverRaised } from '#domain';
import { History, hourOf } from './oracle-history.js';

export interface ExpectedMove {
  readonly customer: CustomerId;
  readonly rule: RuleId;
  readonly from: FlagState;
  readonly to: FlagState;
  readonly becameDueAt: EpochMs;
  /** The flag's episode after the move. */
  readonly episode: number;
}

/**
 * Every move of every flag of the tenant's customers up to and including `endAt`: by time, then customer, then the pack's
 * order of rules. Events may come in any order; each one given counts, so give no event twice.
 */
export function expectedMoves(
  events: Iterable<ActivityEvent>,
  pack: Pack,
  tenant: TenantId,
  endAt: EpochMs,
): ExpectedMove[] {
  const moves: ExpectedMove[] = [];
  for (const [customer, own] of byCustomer(events, tenant)) {
    moves.push(...movesOf(customer, new History(own, pack), pack, endAt));
  }
  const order = new Map(pack.rules.map((rule, index) => [rule.id, index]));
  return moves.sort(
    (a, b) =>
      a.becameDueAt - b.becameDueAt ||
      (a.customer < b.customer ? -1 : a.customer > b.customer ? 1 : 0) ||
      order.get(a.rule)! - order.get(b.rule)!,
  );
}

/** Signals and verdicts of any customer at any instant. */
export interface Expectation {
  readonly customers: readonly CustomerId[];
  signals(customer: CustomerId, at: EpochMs): SignalValues;
  verdicts(customer: CustomerId, at: EpochMs): ReadonlyMap<RuleId, Verdict>;
  /** The first instant after `at`, up to `until`, at which some verdict differs from that at `at` if no further event comes. */
  nextChange(customer: CustomerId, at: EpochMs, until: EpochMs): EpochMs | null;
}

export function expectation(events: Iterable<ActivityEvent>, pack: Pack, tenant: TenantId): Expectation {
  const own = byCustomer(events, tenant);
  const histories = new Map(Array.from(own, ([customer, list]) => [customer, new History(list, pack)] as const));
  const of = (customer: CustomerId): History => histories.get(customer) ?? new History([], pack);
  const unmoved = (customer: CustomerId, at: EpochMs): History =>
    new History(
      (own.get(customer) ?? []).filter((event) => event.occurredAt <= at),
      pack,
    );
  return {
    customers: [...own.keys()],
    signals: (customer, at) => of(customer).signals(at),
    verdicts: (customer, at) => {
      const history = of(customer);
      return new Map(pack.rules.map((rule) => [rule.id, history.verdict(rule, at)]));
    },
    nextChange: (customer, at, until) => {
      const history = unmoved(customer, at);
      for (let from: number = at; from <= until; from = hourOf(from) + HOUR) {
        // At an hour's edge counts may change at once; only inside the hour can a difference be narrowed down.
        if (pack.rules.some((rule) => history.verdict(rule, from) !== history.verdict(rule, at))) return epochMs(from);
        const change = firstChange(history, pack, from, Math.min(hourOf(from) + HOUR - 1, until));
        if (change !== null) return epochMs(change);
      }
      return null;
    },
  };
}

function byCustomer(events: Iterable<ActivityEvent>, tenant: TenantId): Map<CustomerId, ActivityEvent[]> {
  const own = new Map<CustomerId, ActivityEvent[]>();
  for (const event of events) {
    if (event.tenant !== tenant) continue;
    const list = own.get(event.customer);
    if (list) list.push(event);
    else own.set(event.customer, [event]);
  }
  return own;
}

const never = Number.POSITIVE_INFINITY;

function movesOf(customer: CustomerId, history: History, pack: Pack, endAt: EpochMs): ExpectedMove[] {
  const moves: ExpectedMove[] = [];
  const flags = pack.rules.map((rule) => ({ rule, flag: neverRaised as Flag, askAgainAt: never }));
  const instants = [...new Set(history.instants)];
  let nextEvent = 0;
  for (let at = instants[0] ?? never; at <= endAt;) {
    while ((instants[nextEvent] ?? never) <= at) nextEvent++;
    const verdicts = history.verdicts(pack.rules, at);
    for (const [index, each] of flags.entries()) {
      const step = advanceFlag(each.flag, verdicts[index]!, each.rule.policy, epochMs(at));
      if (step.moved) {
        const { state: to, episode } = step.flag;
        moves.push({ customer, rule: each.rule.id, from: each.flag.state, to, becameDueAt: epochMs(at), episode });
      }
      each.flag = step.flag;
      each.askAgainAt = step.askAgainAt ?? never;
    }
    const asked = Math.min(...flags.map((each) => each.askAgainAt).filter((ask) => ask > at));
    const next = Math.min(instants[nextEvent] ?? never, hourOf(at) + HOUR, asked);
    at = firstChange(history, pack, at, Math.min(next - 1, endAt)) ?? next;
  }
  return moves;
}

/**
 * The first ms after `from`, up to `to`, at which a verdict differs from that at `from`, when there is neither an event
 * nor an hour's edge between them: then only silence, tenure and open-for move, all growing evenly. A verdict that leaves
 * and comes back between the two is not seen: no rule worth having is that narrow.
 */
function firstChange(history: History, pack: Pack, from: number, to: number): number | null {
  if (to <= from) return null;
  const before = history.verdicts(pack.rules, from);
  const after = history.verdicts(pack.rules, to);
  let first: number | null = null;
  for (const [index, rule] of pack.rules.entries()) {
    if (before[index] === after[index]) continue;
    let same = from;
    let changed = to;
    while (changed - same > 1) {
      const middle = Math.floor((same + changed) / 2);
      if (history.verdict(rule, middle) === before[index]) same = middle;
      else changed = middle;
    }
    first = Math.min(first ?? changed, changed);
  }
  return first;
}
