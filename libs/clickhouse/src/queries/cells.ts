import { z } from 'zod';
import { query } from '../query.js';

const cell = 'tenant, source, app_version, platform, channel';
const cellRow = {
  tenant: z.string(),
  source: z.string(),
  appVersion: z.string(),
  platform: z.string(),
  channel: z.string(),
};
/** Versions may be made up by whoever sends events: of very many only the busiest are kept. */
const mostCells = 1_000;

export const cellHours = query({
  name: 'cell-hours',
  about: 'When the busiest versions, platforms and channels of each feed were heard, by hour and minute of arrival.',
  sql: `SELECT tenant, source, app_version AS appVersion, platform, channel, hour, sum(events) AS events,
  min(first_arrived_at) AS firstArrivedAt, max(last_arrived_at) AS lastArrivedAt, max(heard_up_to) AS heardUpTo,
  min(least_lag_ms) AS leastLagMs, groupBitOr(first_half) AS firstHalf, groupBitOr(second_half) AS secondHalf
FROM $db.cell_hour_v1
WHERE hour >= {since:Int64} AND (${cell}) IN (
  SELECT ${cell} FROM $db.cell_hour_v1 WHERE hour >= {since:Int64}
  GROUP BY ${cell} HAVING sum(events) >= {least:UInt64} ORDER BY sum(events) DESC LIMIT ${mostCells}
)
GROUP BY ${cell}, hour
ORDER BY hour`,
  params: z.object({ since: z.number(), least: z.number() }),
  row: z.object({
    ...cellRow,
    hour: z.number(),
    events: z.number(),
    firstArrivedAt: z.number(),
    lastArrivedAt: z.number(),
    heardUpTo: z.number(),
    leastLagMs: z.number(),
    firstHalf: z.number(),
    secondHalf: z.number(),
  }),
});

export const cellWords = query({
  name: 'cell-words',
  about: 'How far each version, platform and channel of a feed has been heard; of those heard since an hour.',
  sql: `SELECT tenant, source, app_version AS appVersion, platform, channel, max(last_arrived_at) AS lastArrivedAt,
  max(heard_up_to) AS heardUpTo, max(late_at) AS lateAt
FROM $db.cell_hour_v1
WHERE hour >= {since:Int64}
GROUP BY ${cell}`,
  params: z.object({ since: z.number() }),
  row: z.object({ ...cellRow, lastArrivedAt: z.number(), heardUpTo: z.number(), lateAt: z.number() }),
});

export const lastCells = query({
  name: 'last-cells',
  about: 'The version, platform and channel under which each source told of some customers last.',
  sql: `SELECT tenant, customer, source, last.1 AS appVersion, last.2 AS platform, last.3 AS channel
FROM (
  SELECT tenant, customer, source, argMax((app_version, platform, channel), (occurred_at, id)) AS last
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
    AND (app_version != '' OR platform != '' OR channel != '')
  GROUP BY tenant, customer, source
)`,
  params: z.object({ tenant: z.string(), customers: z.array(z.string()) }),
  row: z.object({ ...cellRow, customer: z.string() }),
});

export const cohortReturn = query({
  name: 'cohort-return',
  about:
    'How many customers were heard within a version, platform and channel in the day up to an instant, and how many of them anywhere after it.',
  sql: `SELECT count() AS cohort, countIf(again) AS heard
FROM (
  SELECT customer, max(occurred_at > {at:Int64}) AS again
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND occurred_at > {at:Int64} - 86400000 AND occurred_at <= {until:Int64}
  GROUP BY customer
  HAVING max(
    occurred_at <= {at:Int64} AND ({appVersion:String} = '' OR app_version = {appVersion:String})
    AND ({platform:String} = '' OR platform = {platform:String}) AND ({channel:String} = '' OR channel = {channel:String})
  )
)`,
  params: z.object({
    tenant: z.string(),
    appVersion: z.string(),
    platform: z.string(),
    channel: z.string(),
    at: z.number(),
    until: z.number(),
  }),
  row: z.object({ cohort: z.number(), heard: z.number() }),
});
