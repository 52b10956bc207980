import { z } from 'zod';
import { deliveryStates, failureReasons, stages, valueTiers } from '#domain';
import { query } from '../query.js';
import { newest, transitionColumns, transitionRow } from './flags.js';

const ofCustomer = z.object({ tenant: z.string(), customer: z.string() });

export const customerSpan = query({
  name: 'customer-span',
  about: 'When a customer was first and last seen.',
  sql: `SELECT min(first_at) AS firstSeenAt, max(last_at) AS lastSeenAt, sum(events) AS events FROM $db.activity_day_v1
WHERE tenant = {tenant:String} AND customer = {customer:String}`,
  params: ofCustomer,
  row: z.object({ firstSeenAt: z.number(), lastSeenAt: z.number(), events: z.number() }),
});

export const customerDays = query({
  name: 'customer-days',
  about: 'What a customer did on each day since an instant, by type.',
  sql: `SELECT toString(toDate(fromUnixTimestamp64Milli(bucket, 'UTC'))) AS day, type, sum(events) AS count, sum(amount) AS amount
FROM $db.activity_day_v1
WHERE tenant = {tenant:String} AND customer = {customer:String} AND bucket >= {since:Int64}
GROUP BY bucket, type ORDER BY bucket, type`,
  params: ofCustomer.extend({ since: z.number() }),
  row: z.object({ day: z.string(), type: z.string(), count: z.number(), amount: z.number() }),
});

export const customerEvents = query({
  name: 'customer-events',
  about: 'A customer’s newest events.',
  sql: `SELECT occurred_at AS at, type, amount, platform, channel, app_version AS appVersion, attributes FROM $db.event_v1
WHERE tenant = {tenant:String} AND customer = {customer:String}
ORDER BY occurred_at DESC, id DESC LIMIT {limit:UInt32}`,
  params: ofCustomer.extend({ limit: z.number() }),
  row: z.object({
    at: z.number(),
    type: z.string(),
    amount: z.number().nullable(),
    platform: z.string(),
    channel: z.string(),
    appVersion: z.string(),
    attributes: z.string(),
  }),
});

export const customerTransitions = query({
  name: 'customer-transitions',
  about: 'Every move of a customer’s flags, newest first.',
  sql: `SELECT ${transitionColumns} FROM $db.transition_v1 FINAL
WHERE tenant = {tenant:String} AND customer = {customer:String}
ORDER BY became_due_at DESC, detected_at DESC LIMIT {limit:UInt32}`,
  params: ofCustomer.extend({ limit: z.number() }),
  row: transitionRow,
});

export const customerStage = query({
  name: 'customer-stage',
  about: 'Which stage a customer was last told to be in, and since when.',
  sql: `SELECT to_stage AS stage, became_due_at AS since FROM $db.stage_v1
WHERE tenant = {tenant:String} AND customer = {customer:String} ORDER BY sequence DESC LIMIT 1`,
  params: ofCustomer,
  row: z.object({ stage: z.enum(stages), since: z.number() }),
});

export const customerValue = query({
  name: 'customer-value',
  about: 'What a customer has been worth.',
  sql: `SELECT as_of AS asOf, recency, frequency, monetary, tier, active_days AS activeDays, spend FROM $db.value_v1 FINAL
WHERE tenant = {tenant:String} AND customer = {customer:String}`,
  params: ofCustomer,
  row: z.object({
    asOf: z.number(),
    recency: z.number(),
    frequency: z.number(),
    monetary: z.number(),
    tier: z.enum(valueTiers),
    activeDays: z.number(),
    spend: z.number(),
  }),
});

export const stageCounts = query({
  name: 'stage-counts',
  about: 'How many customers of a tenant were last told to be in each stage.',
  sql: `SELECT stage, count() AS customers FROM (
  SELECT customer, argMax(to_stage, sequence) AS stage FROM $db.stage_v1 WHERE tenant = {tenant:String} GROUP BY customer
) GROUP BY stage`,
  params: z.object({ tenant: z.string() }),
  row: z.object({ stage: z.enum(stages), customers: z.number() }),
});

export const alertsPage = query({
  name: 'alerts-page',
  about: 'Alerts, newest first, before a cursor.',
  sql: `SELECT alert FROM $db.transition_v1 FINAL
WHERE tenant = {tenant:String} AND alert_id != ''
  AND ({customer:String} = '' OR customer = {customer:String}) AND ({rule:String} = '' OR rule = {rule:String})
  AND (detected_at, alert_id) < ({beforeAt:Int64}, {beforeId:String})
ORDER BY detected_at DESC, alert_id DESC LIMIT {limit:UInt32}`,
  params: z.object({
    tenant: z.string(),
    customer: z.string(),
    rule: z.string(),
    beforeAt: z.number(),
    beforeId: z.string(),
    limit: z.number(),
  }),
  row: z.object({ alert: z.string() }),
});

export const alertById = query({
  name: 'alert-by-id',
  about: 'One alert or retraction.',
  sql: `SELECT alert FROM $db.transition_v1 FINAL WHERE tenant = {tenant:String} AND alert_id = {id:String} LIMIT 1`,
  params: z.object({ tenant: z.string(), id: z.string() }),
  row: z.object({ alert: z.string() }),
});

export const alertDeliveries = query({
  name: 'alert-deliveries',
  about: 'Where the deliveries of some alerts stand.',
  sql: `SELECT alert_id AS alert, channel, argMax(state, number) AS state,
  argMax(reason, number) AS reason, max(number) AS attempts, max(at) AS lastAt, argMax(detail, number) AS detail,
  max(incident) AS incident
FROM $db.attempt_v1 FINAL
WHERE tenant = {tenant:String} AND alert_id IN {alerts:Array(String)}
GROUP BY alert_id, channel ORDER BY alert_id, channel`,
  params: z.object({ tenant: z.string(), alerts: z.array(z.string()) }),
  row: z.object({
    alert: z.string(),
    channel: z.string(),
    state: z.enum(deliveryStates),
    reason: z.enum(['', ...failureReasons]),
    attempts: z.number(),
    lastAt: z.number(),
    detail: z.string(),
    incident: z.string(),
  }),
});

const ofTenant = z.object({ tenant: z.string() });

export const baseCounts = query({
  name: 'base-counts',
  about: 'How many customers and events a tenant has.',
  sql: `SELECT uniqExact(customer) AS customers, sum(events) AS events FROM $db.activity_day_v1 WHERE tenant = {tenant:String}`,
  params: ofTenant,
  row: z.object({ customers: z.number(), events: z.number() }),
});

export const flagCounts = query({
  name: 'flag-counts',
  about: 'For each rule: flags pending and raised now, and how often it fired and cleared.',
  sql: `SELECT rule, countIf(state = 'pending') AS pending, countIf(state IN ('firing', 'recovering')) AS raised,
  sum(fired) AS firedTotal, sum(cleared) AS clearedTotal
FROM (
  SELECT rule, customer, argMax(to_state, ${newest}) AS state,
    countIf(to_state = 'firing' AND from_state != 'recovering') AS fired,
    countIf(to_state = 'clear' AND from_state IN ('firing', 'recovering')) AS cleared
  FROM $db.transition_v1 FINAL
  WHERE tenant = {tenant:String}
  GROUP BY rule, customer
)
GROUP BY rule`,
  params: ofTenant,
  row: z.object({
    rule: z.string(),
    pending: z.number(),
    raised: z.number(),
    firedTotal: z.number(),
    clearedTotal: z.number(),
  }),
});

export const deliveryCounts = query({
  name: 'delivery-counts',
  about: 'Deliveries by channel and by where they stand.',
  sql: `SELECT channel, state, count() AS count FROM (
  SELECT alert_id, channel, argMax(state, number) AS state FROM $db.attempt_v1 FINAL WHERE tenant = {tenant:String} GROUP BY alert_id, channel
) GROUP BY channel, state ORDER BY channel, state`,
  params: ofTenant,
  row: z.object({ channel: z.string(), state: z.enum(deliveryStates), count: z.number() }),
});

export const eventsPerDay = query({
  name: 'events-per-day',
  about: 'Events and customers on each day since an instant.',
  sql: `SELECT toString(toDate(fromUnixTimestamp64Milli(bucket, 'UTC'))) AS day, sum(events) AS count, uniqExact(customer) AS customers
FROM $db.activity_day_v1
WHERE tenant = {tenant:String} AND bucket >= {since:Int64} AND bucket <= {until:Int64}
GROUP BY bucket ORDER BY bucket`,
  params: ofTenant.extend({ since: z.number(), until: z.number() }),
  row: z.object({ day: z.string(), count: z.number(), customers: z.number() }),
});

export const latestTransitions = query({
  name: 'latest-transitions',
  about: 'The flags that moved last.',
  sql: `SELECT ${transitionColumns} FROM $db.transition_v1 FINAL WHERE tenant = {tenant:String}
ORDER BY detected_at DESC, became_due_at DESC, id DESC LIMIT {limit:UInt32}`,
  params: ofTenant.extend({ limit: z.number() }),
  row: transitionRow,
});

export const deadLetterCounts = query({
  name: 'dead-letter-counts',
  about: 'Refused records by reason.',
  sql: `SELECT reason, count() AS count FROM $db.dead_letter_v2 FINAL GROUP BY reason ORDER BY count DESC`,
  params: z.object({}),
  row: z.object({ reason: z.string(), count: z.number() }),
});
