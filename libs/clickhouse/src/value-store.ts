import { z } from 'zod';
import type { EpochMs, EventType, Pack } from '#domain';
import { DAY, epochMs, tierShares } from '#domain';
import type { ValueStore } from '#pipeline';
import { listOf, query } from './query.js';
import type { Store } from './store.js';

const spanMs = 365 * DAY;
const within = (types: readonly EventType[]): string =>
  types.length === 0 ? '0' : `bucket >= {asOf:Int64} - ${spanMs} AND type IN (${listOf(types)})`;
/** Which fifth of the base, 1 to 5: by how many stand strictly below, so that equals score the same. */
const fifth = (of: string): string => `1 + intDiv(5 * (rank() OVER (PARTITION BY tenant ORDER BY ${of}) - 1), base)`;

/** One pass over the day windows for all customers of all tenants, each tenant's base for itself. */
export const valueQuery = ({ name, churn, value }: Pack) =>
  query({
    name: `value-${name}`,
    about: `What every customer has been worth in the year before an instant, by the pack "${name}".`,
    sql: `INSERT INTO $db.value_v1 (tenant, customer, as_of, last_active_at, active_days, spend, recency, frequency, monetary, tier)
SELECT tenant, customer, {asOf:Int64}, last_active_at, active_days, spend,
  ${fifth('last_active_at')},
  ${fifth('active_days')},
  ${fifth('spend')},
  multiIf(spend <= 0, 'C', above < ${tierShares.A} * total, 'A', above < ${tierShares.B} * total, 'B', 'C')
FROM (
  SELECT *, count() OVER (PARTITION BY tenant) AS base, sum(greatest(spend, 0)) OVER (PARTITION BY tenant) AS total,
    -- What those who spend more make up together.
    sum(greatest(spend, 0)) OVER (PARTITION BY tenant ORDER BY spend DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
      - greatest(spend, 0) * count() OVER (PARTITION BY tenant, spend) AS above
  FROM (
    SELECT tenant, customer, maxIf(last_at, type IN (${listOf(churn.events)})) AS last_active_at,
      uniqExactIf(bucket, ${within(churn.events)}) AS active_days,
      sumIf(amount, ${within(value.earns)}) - sumIf(amount, ${within(value.givesBack)}) AS spend
    FROM $db.activity_day_v1
    WHERE bucket < {asOf:Int64}
    GROUP BY tenant, customer
    HAVING last_active_at > 0
  )
)`,
    params: z.object({ asOf: z.number().int() }),
    row: z.never(),
  });

export const valueAsOf = query({
  name: 'value-as-of',
  about: 'As of when the value of the base was worked out last.',
  sql: 'SELECT max(as_of) AS asOf FROM $db.value_v1',
  params: z.object({}),
  row: z.object({ asOf: z.number() }),
});

export class ClickHouseValueStore implements ValueStore {
  constructor(
    private readonly store: Store,
    /** In force; read anew each time, for another may have taken its place. */
    private readonly pack: Pack,
  ) {}

  async workOut(asOf: EpochMs): Promise<void> {
    await this.store.execute(valueQuery(this.pack), { asOf });
  }

  async workedOutAt(): Promise<EpochMs | null> {
    const [row] = await this.store.rows(valueAsOf, {});
    return row === undefined || row.asOf === 0 ? null : epochMs(row.asOf);
  }
}
