import { z } from 'zod';
import type { EpochMs, EventType, TenantId } from '#domain';
import { customerId, DAY, engagementTypes, epochMs } from '#domain';
import type { CustomerHistory, HistoryExtent, HistoryQuestion, HistoryStore } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const historyExtent = query({
  name: 'history-extent',
  about: 'How many customers and events a tenant has, and from when to when.',
  sql: `SELECT uniqExact(customer) AS customers, sum(events) AS events, min(first_at) AS firstAt, max(last_at) AS lastAt
FROM $db.activity_day_v1 WHERE tenant = {tenant:String}`,
  params: z.object({ tenant: z.string() }),
  row: z.object({ customers: z.number(), events: z.number(), firstAt: z.number(), lastAt: z.number() }),
});

export const historiesPage = query({
  name: 'histories-page',
  about: 'When some customers did something, by name, after the one named last: anything, of some types, of one type.',
  sql: `SELECT customer, arraySort(groupUniqArray(occurred_at)),
  arraySort(groupUniqArrayIf(occurred_at, type IN {engaged:Array(String)})),
  arraySort(groupUniqArrayIf(occurred_at, type = {marked:String}))
FROM $db.event_v1
WHERE tenant = {tenant:String} AND customer > {after:String} AND occurred_at <= {upTo:Int64}
GROUP BY tenant, customer
ORDER BY tenant, customer
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1`,
  params: z.object({
    tenant: z.string(),
    after: z.string(),
    upTo: z.number(),
    engaged: z.array(z.string()),
    marked: z.string(),
    limit: z.number(),
  }),
  row: z.tuple([z.string(), z.array(z.number()), z.array(z.number()), z.array(z.number())]),
});

export const meanGap = query({
  name: 'mean-gap',
  about: 'The mean, over customers with two active days at least, of their own mean gap between active days.',
  sql: `SELECT count() AS customers, if(customers = 0, 0, avg((last - first) / ${DAY} / (n - 1))) AS days
FROM (
  SELECT uniqExact(intDiv(occurred_at, ${DAY})) AS n, min(occurred_at) AS first, max(occurred_at) AS last
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND type IN {types:Array(String)} AND occurred_at <= {upTo:Int64}
  GROUP BY customer
  HAVING n >= 2
)`,
  params: z.object({ tenant: z.string(), types: z.array(z.string()), upTo: z.number() }),
  row: z.object({ customers: z.number(), days: z.number() }),
});

export class ClickHouseHistoryStore implements HistoryStore {
  constructor(private readonly store: Store) {}

  async extent(tenant: TenantId): Promise<HistoryExtent | null> {
    const [row] = await this.store.rows(historyExtent, { tenant });
    if (!row || row.events === 0) return null;
    const { customers, events, firstAt, lastAt } = row;
    return { customers, events, firstAt: epochMs(firstAt), lastAt: epochMs(lastAt) };
  }

  /** What a customer's gap may be taken for while little is known of them. */
  async meanGap(
    tenant: TenantId,
    types: readonly EventType[],
    upTo: EpochMs,
  ): Promise<{ readonly customers: number; readonly days: number }> {
    const [row] = await this.store.rows(meanGap, { tenant, types: [...types], upTo });
    return row!;
  }

  async *pages({ tenant, upTo, marked, customersAtOnce }: HistoryQuestion): AsyncIterable<readonly CustomerHistory[]> {
    let after = '';
    for (;;) {
      const rows = await this.store.tuples(historiesPage, {
        tenant,
        after,
        upTo,
        engaged: [...engagementTypes],
        marked: marked ?? '',
        limit: customersAtOnce,
      });
      if (rows.length > 0) {
        yield rows.map(([customer, instants, engaged, own]) => ({
          customer: customerId(customer),
          instants: instants.map(epochMs),
          engaged: engaged.map(epochMs),
          marked: own.map(epochMs),
        }));
      }
      if (rows.length < customersAtOnce) return;
      after = rows.at(-1)![0];
    }
  }
}
