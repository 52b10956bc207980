import { z } from 'zod';
import type { TenantId } from '#domain';
import { customerId, engagementTypes, epochMs } from '#domain';
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

export class ClickHouseHistoryStore implements HistoryStore {
  constructor(private readonly store: Store) {}

  async extent(tenant: TenantId): Promise<HistoryExtent | null> {
    const [row] = await this.store.rows(historyExtent, { tenant });
    if (!row || row.events === 0) return null;
    const { customers, events, firstAt, lastAt } = row;
    return { customers, events, firstAt: epochMs(firstAt), lastAt: epochMs(lastAt) };
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
