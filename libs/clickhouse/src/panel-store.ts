import { z } from 'zod';
import type { EpochMs, EventType, TenantId } from '#domain';
import { engagementTypes, epochMs } from '#domain';
import { markedAt, pastEvents, pastFigures, windowCount, windowFigures } from './past-sql.js';
import { query } from './query.js';
import type { Store } from './store.js';

export const customerPanel = query({
  name: 'customer-panel',
  about:
    'What everybody had done up to an instant, counted in windows that end at another, the same or later: what a score is made of.',
  sql: `SELECT customer, ${Object.values(pastFigures).join(',\n  ')},
  ${Object.values(windowFigures('{asOf:Int64}')).join(',\n  ')},
  ${markedAt}
FROM (
  ${pastEvents()}
)
GROUP BY tenant, customer
HAVING ${pastFigures.events} > 0
ORDER BY tenant, customer
SETTINGS optimize_aggregation_in_order = 1`,
  params: z.object({
    tenant: z.string(),
    knownUpTo: z.number(),
    asOf: z.number(),
    spans: z.array(z.number()).length(windowCount),
    engaged: z.array(z.string()),
    frictions: z.array(z.string()),
    marked: z.string(),
  }),
  row: z.tuple([
    z.string(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.array(z.number()),
    z.array(z.number()),
    z.array(z.number()),
    z.array(z.number()),
    z.number(),
  ]),
});

export const deedsWithin = query({
  name: 'deeds-within',
  about:
    'Who did something of some types after an instant and not after another, and when first: what a score is held against.',
  sql: `SELECT customer, min(occurred_at)
FROM $db.event_v1
WHERE tenant = {tenant:String} AND type IN {types:Array(String)} AND occurred_at > {after:Int64} AND occurred_at <= {upTo:Int64}
GROUP BY customer`,
  params: z.object({ tenant: z.string(), types: z.array(z.string()), after: z.number(), upTo: z.number() }),
  row: z.tuple([z.string(), z.number()]),
});

export interface PanelQuestion {
  readonly tenant: TenantId;
  /** What occurred later is not looked at. */
  readonly knownUpTo: EpochMs;
  /** Where the windows end. */
  readonly asOf: EpochMs;
  /** How long the windows are, the shortest first. */
  readonly spansMs: readonly number[];
  /** What counts as friction. */
  readonly frictions: readonly EventType[];
  /** Of which the last instant is wanted. */
  readonly marked: EventType | null;
}

/** Everybody's past as of any instant, from the stored events alone. Read-only. */
export class ClickHousePanelStore {
  constructor(private readonly store: Store) {}

  /** Those who had engaged at least once, by name. */
  async pasts({ tenant, knownUpTo, asOf, spansMs, frictions, marked }: PanelQuestion) {
    const rows = await this.store.tuples(customerPanel, {
      tenant,
      knownUpTo,
      asOf,
      spans: spansMs.map(Math.round),
      engaged: [...engagementTypes],
      frictions: [...frictions],
      marked: marked ?? '',
    });
    return rows.map(
      ([customer, first, last, activeDays, events, amount, longestGapDays, days, counts, amounts, hurt, markedAt]) => ({
        customer,
        firstAt: epochMs(first),
        lastAt: epochMs(last),
        activeDays,
        events,
        amount,
        longestGapDays,
        windows: days.map((own, i) => ({
          activeDays: own,
          events: counts[i]!,
          amount: amounts[i]!,
          frictions: hurt[i]!,
        })),
        markedAt: markedAt === 0 ? null : epochMs(markedAt),
      }),
    );
  }

  /** Who engaged, or did what is `marked`, in (after, upTo], and when first. */
  async deeds(
    tenant: TenantId,
    marked: EventType | null,
    after: EpochMs,
    upTo: EpochMs,
  ): Promise<ReadonlyMap<string, EpochMs>> {
    const types = marked === null ? [...engagementTypes] : [marked];
    const rows = await this.store.tuples(deedsWithin, { tenant, types, after, upTo });
    return new Map(rows.map(([customer, at]) => [customer, epochMs(at)]));
  }
}
