import { z } from 'zod';
import type { Alert, FlagState, Severity, SignalValues, Transition } from '#domain';
import { customerId, epochMs, flagStates, ruleId, severities, tenantId } from '#domain';
import type { Decision } from '#pipeline';
import { query } from '../query.js';

export const shareParams = { partitions: z.array(z.number()), count: z.number() };
/** The partition of a customer's key, as Kafka's own partitioner has it. */
export const inShare = (customer: string): string =>
  `has({partitions:Array(UInt32)}, kafkaMurmurHash(${customer}) % {count:UInt32})`;

const state = z.enum(flagStates as readonly FlagState[] as [FlagState, ...FlagState[]]);

/** Newest last. The instants only order moves stored before moves were counted. */
export const newest = 'tuple(sequence, became_due_at, detected_at)';

export const flagsNow = query({
  name: 'flags-now',
  about: 'Where every flag of a share of the customers stands after its last move.',
  sql: `SELECT tenant, customer, rule,
  argMax(to_state, ${newest}) AS state, argMax(became_due_at, ${newest}) AS since,
  argMax(episode, ${newest}) AS lastEpisode, argMax(tuple(cleared_at), ${newest}).1 AS clearedAt,
  max(sequence) AS lastSequence, maxIf(episode, to_state IN ('firing', 'recovering', 'retracted')) AS spent
FROM $db.transition_v1
WHERE ${inShare('customer')}
GROUP BY tenant, customer, rule`,
  params: z.object(shareParams),
  row: z.object({
    tenant: z.string(),
    customer: z.string(),
    rule: z.string(),
    state,
    since: z.number(),
    lastEpisode: z.number(),
    clearedAt: z.number().nullable(),
    lastSequence: z.number(),
    spent: z.number(),
  }),
});

export const transitionColumns = `id, sequence, tenant, customer, rule, rule_version AS ruleVersion, episode, from_state AS "from", to_state AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, severity, reason, evidence, cleared_at AS clearedAt, amends, alert`;

export const transitionRow = z.object({
  id: z.string(),
  sequence: z.number(),
  tenant: z.string(),
  customer: z.string(),
  rule: z.string(),
  ruleVersion: z.string(),
  episode: z.number(),
  from: state,
  to: state,
  becameDueAt: z.number(),
  detectedAt: z.number(),
  severity: z.enum(severities as readonly Severity[] as [Severity, ...Severity[]]),
  reason: z.string(),
  evidence: z.string(),
  clearedAt: z.number().nullable(),
  amends: z.number().nullable(),
  alert: z.string(),
});

/** Alerts stored before there were retractions do not say what they are. */
export const alertOf = (json: string): Alert => ({
  kind: 'alert',
  retracts: null,
  ...(JSON.parse(json) as Omit<Alert, 'kind' | 'retracts'>),
});

export function decisionOf(row: z.output<typeof transitionRow>): Decision {
  const { alert, evidence, ...rest } = row;
  const transition: Transition = {
    ...rest,
    tenant: tenantId(row.tenant),
    customer: customerId(row.customer),
    rule: ruleId(row.rule),
    becameDueAt: epochMs(row.becameDueAt),
    detectedAt: epochMs(row.detectedAt),
    clearedAt: row.clearedAt === null ? null : epochMs(row.clearedAt),
    amends: row.amends === null ? null : epochMs(row.amends),
    evidence: JSON.parse(evidence) as SignalValues,
  };
  return { transition, alert: alert === '' ? null : alertOf(alert) };
}

export const unpublishedDecisions = query({
  name: 'unpublished-decisions',
  about: 'Moves that were stored but perhaps never reached the topics: what a crash between the two leaves behind.',
  sql: `SELECT ${transitionColumns}
FROM $db.transition_v1 FINAL
WHERE ${inShare('customer')} AND id NOT IN (SELECT transition_id FROM $db.publication_v1)
ORDER BY tenant, customer, rule, sequence, became_due_at, detected_at`,
  params: z.object(shareParams),
  row: transitionRow,
});

export const pastDecisions = query({
  name: 'past-decisions',
  about: 'Everything ever decided about some customers, each flag’s moves in the order they were made.',
  sql: `SELECT ${transitionColumns}
FROM $db.transition_v1 FINAL
WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
ORDER BY customer, rule, sequence, became_due_at, detected_at`,
  params: z.object({ tenant: z.string(), customers: z.array(z.string()) }),
  row: transitionRow,
});

export const eventsSince = query({
  name: 'events-since',
  about: 'What some customers did, each from an instant of their own on, oldest first.',
  sql: `SELECT customer, arrayMap(event -> event.1, events), arrayMap(event -> event.2, events)
FROM (
  SELECT customer, arraySort(groupUniqArray(tuple(occurred_at, toString(type)))) AS events
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND occurred_at >= {earliest:Int64}
    AND occurred_at >= {since:Array(Int64)}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))]
  GROUP BY customer
)`,
  params: z.object({
    tenant: z.string(),
    customers: z.array(z.string()),
    places: z.array(z.number()),
    since: z.array(z.number()),
    earliest: z.number(),
  }),
  row: z.tuple([z.string(), z.array(z.number()), z.array(z.string())]),
});

export const customersPage = query({
  name: 'customers-page',
  about: 'Some customers of a share, by name, after the one named last.',
  sql: `SELECT tenant, customer
FROM $db.activity_day_v1
WHERE (tenant, customer) > ({afterTenant:String}, {afterCustomer:String}) AND ${inShare('customer')}
GROUP BY tenant, customer
ORDER BY tenant, customer
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1`,
  params: z.object({ ...shareParams, afterTenant: z.string(), afterCustomer: z.string(), limit: z.number() }),
  row: z.tuple([z.string(), z.string()]),
});

const mostExactInstants = 1_000;

export const touchedSince = query({
  name: 'touched-since',
  about:
    'When a page of customers did something after an instant, or something that came in late; of very many instants the last of each minute.',
  sql: `SELECT tenant, customer,
  arraySort(if(sum(length(few)) > ${mostExactInstants}, groupArray(last), arrayFlatten(groupArray(arrayDistinct(arrayPushBack(few, last))))))
FROM (
  SELECT tenant, customer, max(occurred_at) AS last, groupUniqArray(100)(occurred_at) AS few
  FROM $db.event_v1
  WHERE (occurred_at > {since:Int64} OR (received_at > {receivedAfter:Int64} AND occurred_at > {occurredAfter:Int64}))
    AND ${inShare('customer')}
    AND (tenant, customer) >= ({firstTenant:String}, {firstCustomer:String})
    AND (tenant, customer) <= ({lastTenant:String}, {lastCustomer:String})
  GROUP BY tenant, customer, intDiv(occurred_at, 60000)
)
GROUP BY tenant, customer`,
  params: z.object({
    ...shareParams,
    since: z.number(),
    receivedAfter: z.number(),
    occurredAfter: z.number(),
    firstTenant: z.string(),
    firstCustomer: z.string(),
    lastTenant: z.string(),
    lastCustomer: z.string(),
  }),
  row: z.tuple([z.string(), z.string(), z.array(z.number())]),
});

export const decidedUpTo = query({
  name: 'decided-up-to',
  about: 'How far the deadlines of each partition have been decided.',
  sql: `SELECT partition, up_to AS upTo FROM $db.decided_v1 FINAL
WHERE partitions = {count:UInt32} AND has({partitions:Array(UInt32)}, partition)`,
  params: z.object(shareParams),
  row: z.object({ partition: z.number(), upTo: z.number() }),
});
