import type { ActivityEvent, EpochMs, EventType } from '#domain';
import { DAY, engagementTypes, epochMs } from '#domain';
import type { CustomerPast, Pace } from '#scoring';
import { frictionsBut, windowsMs } from '#scoring';

/** A plain reading of customers' pasts, one event after the other: what the store's query is held against. */
export function pastsOf(
  events: readonly ActivityEvent[],
  { knownUpTo, asOf }: { readonly knownUpTo: EpochMs; readonly asOf: EpochMs },
  pace: Pace,
  marked: EventType | null,
): readonly CustomerPast[] {
  const known = events.filter(({ occurredAt }) => occurredAt <= knownUpTo);
  return [...new Set(known.map(({ customer }) => customer))].toSorted().flatMap((customer) => {
    const own = known.filter((event) => event.customer === customer);
    const active = own.filter(({ type }) => engagementTypes.includes(type));
    if (active.length === 0) return [];
    const daysOf = (of: readonly ActivityEvent[]): number[] =>
      [...new Set(of.map(({ occurredAt }) => Math.floor(occurredAt / DAY)))].toSorted((a, b) => a - b);
    const sum = (of: readonly ActivityEvent[]): number => of.reduce((all, { amount }) => all + (amount ?? 0), 0);
    const days = daysOf(active);
    const instants = active.map(({ occurredAt }) => occurredAt);
    return [
      {
        customer,
        firstAt: epochMs(Math.min(...instants)),
        lastAt: epochMs(Math.max(...instants)),
        activeDays: days.length,
        events: active.length,
        amount: sum(active),
        longestGapDays: Math.max(0, ...days.slice(1).map((day, i) => day - days[i]!)),
        windows: windowsMs(pace).map((span) => {
          const within = active.filter(({ occurredAt }) => occurredAt > asOf - span);
          return {
            activeDays: daysOf(within).length,
            events: within.length,
            amount: sum(within),
            frictions: own.filter(
              ({ type, occurredAt }) => frictionsBut(marked).includes(type) && occurredAt > asOf - span,
            ).length,
          };
        }),
        markedAt: own.reduce<EpochMs | null>(
          (last, { type, occurredAt }) => (type === marked ? epochMs(Math.max(last ?? 0, occurredAt)) : last),
          null,
        ),
      },
    ];
  });
}
