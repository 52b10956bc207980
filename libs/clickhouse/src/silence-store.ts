import { z } from 'zod';
import type { ChurnDefinition, EpochMs, SilenceBound, TenantId, ValueDefinition } from '#domain';
import { DAY, epochMs, tierShares } from '#domain';
import { query } from './query.js';
import type { Store } from './store.js';

/** Customers are dealt out to so many parts, by their names: whole parts can be drawn anew where customers ought to be. */
const parts = 64;
const spendSpanMs = 365 * DAY;

/**
 * Every silence: from one activity to the customer's next; `ended_at` is 0 of the last one, whose end nobody has seen.
 * `active_days` are those up to its beginning.
 */
const silences = `SELECT customer, first_at, platform, channel, started_at, ended_at, days_before + 1 AS active_days
  FROM (
    SELECT customer, min(occurred_at) AS first_at, arraySort(groupUniqArray(occurred_at)) AS instants,
      argMinIf(platform, (occurred_at, id), platform != '') AS platform,
      argMinIf(channel, (occurred_at, id), channel != '') AS channel
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND type IN {events:Array(String)} AND occurred_at <= {upTo:Int64}
    GROUP BY tenant, customer
  )
  ARRAY JOIN instants AS started_at, arrayPushBack(arrayPopFront(instants), 0) AS ended_at,
    arrayCumSum(change -> change != 0, arrayDifference(arrayMap(at -> intDiv(at, ${DAY}), instants))) AS days_before`;

/**
 * The tier of each by the spend of the year that ends with their own last activity: as of the end of the data, whoever
 * left early would be cheap for having left.
 */
const tiers = `SELECT customer,
    multiIf(spend <= 0, 'C', above < ${tierShares.A} * total, 'A', above < ${tierShares.B} * total, 'B', 'C') AS tier
  FROM (
    SELECT customer, spend, sum(greatest(spend, 0)) OVER () AS total,
      sum(greatest(spend, 0)) OVER (ORDER BY spend DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        - greatest(spend, 0) * count() OVER (PARTITION BY spend) AS above
    FROM (
      SELECT customer, maxIf(occurred_at, type IN {events:Array(String)}) AS last_at,
        groupArrayIf((occurred_at, if(type IN {givesBack:Array(String)}, -1, 1) * ifNull(amount, 0)), type IN {earns:Array(String)} OR type IN {givesBack:Array(String)}) AS deals,
        arraySum(deal -> if(deal.1 > last_at - ${spendSpanMs} AND deal.1 <= last_at, deal.2, 0), deals) AS spend
      FROM $db.event_v1
      WHERE tenant = {tenant:String} AND occurred_at <= {upTo:Int64}
      GROUP BY tenant, customer
      HAVING last_at > 0
    )
  )`;

const tenureBand = (since: string): string =>
  `multiIf(${since} < ${30 * DAY}, '0-30 d', ${since} < ${90 * DAY}, '30-90 d', ${since} < ${365 * DAY}, '90-365 d', '365 d up')`;

export const silenceDays = query({
  name: 'silence-days',
  about:
    'How many whole days each silence of a day at least was seen to last, and whether an activity ended it on the day after: counts, for all and by segment. Only those days count whose end lies within the data.',
  sql: `SELECT segment.1, segment.2, cityHash64(customer) % ${parts}, days, countIf(returned), countIf(NOT returned)
FROM (
  SELECT customer, first_at, platform, channel, started_at, tier,
    intDiv({upTo:Int64} - started_at, ${DAY}) AS seen_days,
    if(ended_at = 0, seen_days, intDiv(ended_at - started_at - 1, ${DAY})) AS lasted_days,
    lasted_days < seen_days AS returned,
    least(lasted_days, seen_days) AS days
  FROM (
  ${silences}
  ) AS silence
  LEFT JOIN (
  ${tiers}
  ) AS worth USING customer
  WHERE started_at >= {from:Int64}
)
ARRAY JOIN [('all', ''), ('value', tier), ('tenure', ${tenureBand('(started_at - first_at)')}), ('platform', platform), ('channel', channel)] AS segment
WHERE days >= 1
GROUP BY ALL`,
  params: z.object({
    tenant: z.string(),
    events: z.array(z.string()),
    earns: z.array(z.string()),
    givesBack: z.array(z.string()),
    from: z.number(),
    upTo: z.number(),
  }),
  row: z.tuple([z.string(), z.string(), z.number(), z.number(), z.number(), z.number()]),
});

export const churnPeriods = query({
  name: 'churn-periods',
  about:
    'By one definition of churn: how many customers stood at the beginning of each period, how many of them churned within it, and how many of these have come back since.',
  sql: `SELECT period, countIf(stood), countIf(stood AND churned), countIf(stood AND churned AND back)
FROM (
  SELECT customer, period, max(period >= started_at AND period < stood_until) AS stood,
    max(is_churn AND churned_at > period AND churned_at <= period + {lengthMs:Int64}) AS churned,
    max(is_churn AND churned_at > period AND churned_at <= period + {lengthMs:Int64} AND ended_at != 0) AS back
  FROM (
    SELECT customer, started_at, ended_at,
      started_at + greatest({afterMs:Int64}, toInt64(ceil({gaps:Float64} * (started_at - first_at + {priorMs:Int64}) / (active_days + 2)))) AS churned_at,
      churned_at <= {upTo:Int64} AND (ended_at = 0 OR churned_at < ended_at) AS is_churn,
      multiIf(is_churn, churned_at, ended_at = 0, {upTo:Int64} + 1, ended_at) AS stood_until
    FROM (
  ${silences}
    )
  )
  ARRAY JOIN arrayFilter(at -> (at >= started_at AND at < stood_until) OR (is_churn AND churned_at > at AND churned_at <= at + {lengthMs:Int64}), {periods:Array(Int64)}) AS period
  GROUP BY customer, period
)
GROUP BY period
ORDER BY period`,
  params: z.object({
    tenant: z.string(),
    events: z.array(z.string()),
    upTo: z.number(),
    afterMs: z.number(),
    gaps: z.number(),
    priorMs: z.number(),
    periods: z.array(z.number()),
    lengthMs: z.number(),
  }),
  row: z.tuple([z.number(), z.number(), z.number(), z.number()]),
});

export interface SilenceQuestion {
  readonly tenant: TenantId;
  /** What counts as activity. */
  readonly churn: ChurnDefinition;
  readonly value: ValueDefinition;
  /** Silences that began earlier are left out. */
  readonly from: EpochMs;
  /** Where the data end. */
  readonly upTo: EpochMs;
}

export interface PeriodQuestion {
  readonly tenant: TenantId;
  readonly churn: ChurnDefinition;
  /** What is tried in place of the pack's own `churned`. */
  readonly bound: SilenceBound;
  readonly upTo: EpochMs;
  readonly periods: readonly EpochMs[];
  readonly lengthMs: number;
}

/** How long customers are silent, counted over everybody in the store. Read-only. */
export class ClickHouseSilenceStore {
  constructor(private readonly store: Store) {}

  async days({ tenant, churn, value, from, upTo }: SilenceQuestion) {
    const [earns, givesBack, events] = [[...value.earns], [...value.givesBack], [...churn.events]];
    const rows = await this.store.tuples(silenceDays, { tenant, events, earns, givesBack, from, upTo });
    return rows.map(([by, segment, part, days, returned, open]) => ({ by, segment, part, days, returned, open }));
  }

  /** Periods in which nobody stood or churned are left out. */
  async periods({ tenant, churn, bound, upTo, periods, lengthMs }: PeriodQuestion) {
    const rows = await this.store.tuples(churnPeriods, {
      tenant,
      events: [...churn.events],
      upTo,
      afterMs: bound.afterMs,
      gaps: bound.gaps,
      priorMs: 3 * churn.priorGapDays * DAY,
      periods: [...periods],
      lengthMs,
    });
    return rows.map(([at, stood, churned, back]) => ({ at: epochMs(at), stood, churned, back }));
  }
}
