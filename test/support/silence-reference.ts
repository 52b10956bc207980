/** Silences and churn read the plain way, from each customer's list of events; tests hold the store's queries against it. */
import type { ActivityEvent, ChurnDefinition, EpochMs, ValueDefinition } from '#domain';
import { DAY, tierShares } from '#domain';
import { stageAt } from './oracle-stages.js';

export interface PlainSilence {
  readonly customer: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

const customersOf = (events: readonly ActivityEvent[]): readonly string[] => [
  ...new Set(events.map(({ customer }) => customer)),
];
const ownEvents = (events: readonly ActivityEvent[], customer: string): readonly ActivityEvent[] =>
  events.filter((event) => event.customer === customer);

function silencesOf(events: readonly ActivityEvent[], churn: ChurnDefinition, upTo: number): readonly PlainSilence[] {
  return customersOf(events).flatMap((customer) => {
    const instants = ownEvents(events, customer)
      .filter(({ type, occurredAt }) => churn.events.includes(type) && occurredAt <= upTo)
      .map(({ occurredAt }) => occurredAt as number);
    const sorted = [...new Set(instants)].toSorted((a, b) => a - b);
    return sorted.map((startedAt, i) => ({ customer, startedAt, endedAt: sorted[i + 1] ?? null }));
  });
}

/**
 * The share that comes back in days [days, until) of a silence: each day asks only those who were silent at its beginning
 * and whose day ends within the data.
 */
export function returnsOf(
  events: readonly ActivityEvent[],
  churn: ChurnDefinition,
  upTo: number,
  days: number,
  until: number,
  isMeant: (silence: PlainSilence) => boolean = () => true,
): number | null {
  const silences = silencesOf(events, churn, upTo).filter(isMeant);
  let stay = 1;
  for (let day = days; day < until; day++) {
    const asked = silences.filter(
      ({ startedAt, endedAt }) =>
        startedAt + (day + 1) * DAY <= upTo && (endedAt === null || endedAt > startedAt + day * DAY),
    );
    if (stay === 0) return 1;
    if (asked.length === 0) return null;
    const back = asked.filter(({ startedAt, endedAt }) => endedAt !== null && endedAt <= startedAt + (day + 1) * DAY);
    stay *= 1 - back.length / asked.length;
  }
  return 1 - stay;
}

/** To which segments a silence belongs, as "kind value". */
export function segmentsOf(
  events: readonly ActivityEvent[],
  churn: ChurnDefinition,
  value: ValueDefinition,
  upTo: number,
): (silence: PlainSilence) => readonly string[] {
  const activity = events
    .filter(({ type, occurredAt }) => churn.events.includes(type) && occurredAt <= upTo)
    .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1));
  const spends = customersOf(activity).map((customer) => {
    const last = ownEvents(activity, customer).at(-1)!.occurredAt;
    const deals = ownEvents(events, customer).filter(
      ({ occurredAt }) => occurredAt <= last && occurredAt > last - 365 * DAY,
    );
    const sum = deals.reduce((all, { type, amount }) => {
      if (value.givesBack.includes(type)) return all - (amount ?? 0);
      return value.earns.includes(type) ? all + (amount ?? 0) : all;
    }, 0);
    return { customer, sum };
  });
  const total = spends.reduce((all, { sum }) => all + Math.max(0, sum), 0);
  const tierOf = (customer: string): string => {
    const { sum } = spends.find((each) => each.customer === customer)!;
    const above = spends.reduce((all, other) => all + (other.sum > sum ? Math.max(0, other.sum) : 0), 0);
    if (sum <= 0) return 'C';
    return above < tierShares.A * total ? 'A' : above < tierShares.B * total ? 'B' : 'C';
  };
  return ({ customer, startedAt }) => {
    const own = ownEvents(activity, customer);
    const days = (startedAt - own[0]!.occurredAt) / DAY;
    return [
      'all ',
      `value ${tierOf(customer)}`,
      `tenure ${days < 30 ? '0-30 d' : days < 90 ? '30-90 d' : days < 365 ? '90-365 d' : '365 d up'}`,
      `platform ${own.find(({ platform }) => platform !== '')?.platform ?? ''}`,
      `channel ${own.find(({ channel }) => channel !== '')?.channel ?? ''}`,
    ];
  };
}

/** Of each period: who stood at its beginning, who of them was seen to churn in it, by asking at each instant for the stage. */
export function periodsOf(
  events: readonly ActivityEvent[],
  churn: ChurnDefinition,
  upTo: number,
  periods: readonly EpochMs[],
  lengthMs: number,
): readonly { readonly at: EpochMs; readonly stood: number; readonly churned: number; readonly back: number }[] {
  const known = events.filter(({ occurredAt }) => occurredAt <= upTo);
  const counts = periods.map((at) => {
    const standing = customersOf(known).filter((customer) => {
      const stage = stageAt(ownEvents(known, customer), churn, at);
      return stage !== null && stage !== 'churned';
    });
    const fates = standing.map((customer) => {
      const own = ownEvents(known, customer);
      const silences = silencesOf(own, churn, upTo);
      const lost = silences.filter(({ startedAt, endedAt }) => {
        // Within one silence a customer churns once and for all.
        const from = Math.max(at, startedAt);
        const to = Math.min(at + lengthMs, upTo, endedAt === null ? Infinity : endedAt - 1);
        return from <= to && stageAt(own, churn, to) === 'churned' && stageAt(own, churn, from) !== 'churned';
      });
      return { isLost: lost.length > 0, isBack: lost.some(({ endedAt }) => endedAt !== null) };
    });
    return {
      at,
      stood: standing.length,
      churned: fates.filter(({ isLost }) => isLost).length,
      back: fates.filter(({ isBack }) => isBack).length,
    };
  });
  return counts.filter(({ stood }) => stood > 0);
}
