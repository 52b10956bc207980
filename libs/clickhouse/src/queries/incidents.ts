import { z } from 'zod';
import { failureKinds, incidentKinds, incidentStates } from '#domain';
import { query } from '../query.js';

const inSketch = (condition: string): string => `uniqCombinedMergeIf(14)(customers, ${condition})`;
const ofPayments = `activity IN ('paying', 'payment_failed')`;
/** Customers who failed at each, and who were there: a customer who failed was. */
const countColumns = `${failureKinds.map((kind) => `${inSketch(`activity = '${kind}'`)} AS ${kind}`).join(', ')},
    ${inSketch(`NOT ${ofPayments}`)} AS using, ${inSketch(ofPayments)} AS paying`;
const countRow = {
  tenant: z.string(),
  appVersion: z.string(),
  platform: z.string(),
  channel: z.string(),
  crash: z.number(),
  freeze: z.number(),
  login_failed: z.number(),
  update_failed: z.number(),
  payment_failed: z.number(),
  using: z.number(),
  paying: z.number(),
};
const cell = 'app_version AS appVersion, platform, channel';
/** Versions may be made up by whoever sends events: the least busy cells are left out. */
const mostCells = 20_000;

export const quarterCounts = query({
  name: 'quarter-counts',
  about:
    'Customers who failed, and who were there, in each quarter of the hour up to an instant, by version, platform and channel.',
  sql: `SELECT tenant, intDiv({end:Int64} - 300000 - bucket, 900000) AS ago, ${cell},
    ${countColumns},
    [${failureKinds.map((kind) => `minIf(bucket, activity = '${kind}')`).join(', ')}] AS firstFailedAt
FROM $db.attendance_v1
WHERE bucket >= {end:Int64} - 3600000 AND bucket < {end:Int64}
GROUP BY tenant, ago, appVersion, platform, channel
ORDER BY using + paying DESC LIMIT ${mostCells}`,
  params: z.object({ end: z.number() }),
  row: z.object({ ...countRow, ago: z.number(), firstFailedAt: z.array(z.number()) }),
});

const day = 86_400_000;
const week = 7 * day;
const hour = 3_600_000;

export const pastCounts = query({
  name: 'past-counts',
  about:
    'The same of the last seven days, and of this weekday and hour, with an hour to either side, of the last four weeks; up to an hour before the hour asked about, and without what was part of an incident.',
  sql: `SELECT tenant, period.1 AS span, period.2 AS ago, ${cell},
  ${failureKinds.map((kind) => `sum(${kind}) AS ${kind}`).join(', ')}, sum(using) AS using, sum(paying) AS paying
FROM (
  SELECT tenant, intDiv(bucket, 900000) * 900000 AS quarter, app_version, platform, channel,
    ${countColumns}
  FROM $db.attendance_v1
  WHERE bucket >= {hour:Int64} - ${4 * week + hour} AND bucket < {hour:Int64} - ${hour}
    AND NOT arrayExists(
      (of, began, ended, v, p, c) -> tenant = of AND bucket >= began AND bucket < ended
        AND (v = '' OR v = app_version) AND (p = '' OR p = platform) AND (c = '' OR c = channel),
      {tenants:Array(String)}, {began:Array(Int64)}, {ended:Array(Int64)},
      {versions:Array(String)}, {platforms:Array(String)}, {channels:Array(String)}
    )
    AND (bucket >= {hour:Int64} - ${7 * day + hour} OR positiveModulo(bucket - {hour:Int64} + ${hour}, ${week}) < ${3 * hour})
  GROUP BY tenant, quarter, app_version, platform, channel
)
ARRAY JOIN arrayConcat(
  if(quarter >= {hour:Int64} - ${7 * day + hour}, [('day', intDiv({hour:Int64} - ${hour} - 1 - quarter, ${day}) + 1)], []),
  arrayMap(ago -> ('week', ago), arrayFilter(
    ago -> quarter >= {hour:Int64} - ago * ${week} - ${hour} AND quarter < {hour:Int64} - ago * ${week} + ${2 * hour},
    [toInt64(1), 2, 3, 4]
  ))
) AS period
GROUP BY tenant, span, ago, appVersion, platform, channel
ORDER BY using + paying DESC LIMIT ${mostCells}`,
  params: z.object({
    hour: z.number(),
    tenants: z.array(z.string()),
    began: z.array(z.number()),
    ended: z.array(z.number()),
    versions: z.array(z.string()),
    platforms: z.array(z.string()),
    channels: z.array(z.string()),
  }),
  row: z.object({ ...countRow, span: z.enum(['day', 'week']), ago: z.number() }),
});

const blastParams = {
  tenant: z.string(),
  kinds: z.array(z.string()),
  from: z.number(),
  until: z.number(),
  appVersion: z.string(),
  platform: z.string(),
  channel: z.string(),
};
const inExtent = (appVersion: string, platform: string, channel: string): string =>
  `({appVersion:String} = '' OR ${appVersion} = {appVersion:String})
    AND ({platform:String} = '' OR ${platform} = {platform:String}) AND ({channel:String} = '' OR ${channel} = {channel:String})`;

/** Customers who failed within an incident. */
const whoFailed = (customers: string): string => `SELECT customer, max(occurred_at) AS failedAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND ${customers} AND type IN {kinds:Array(String)}
    AND occurred_at >= {from:Int64} AND occurred_at < {until:Int64}
    AND ${inExtent('app_version', 'platform', 'channel')}
  GROUP BY customer`;

/** Customers of whom some source had told last within what fell silent. */
const whoWasThere = (customers: string): string => `SELECT customer, max(lastAt) AS failedAt FROM (
    SELECT customer, source, max(occurred_at) AS lastAt,
      argMax((app_version, platform, channel), (occurred_at, id)) AS cell
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND ${customers} AND occurred_at <= {from:Int64}
      AND (app_version != '' OR platform != '' OR channel != '')
    GROUP BY customer, source
  )
  WHERE ${inExtent('cell.1', 'cell.2', 'cell.3')}
  GROUP BY customer`;

const lastDays = `occurred_at > {from:Int64} - ${3 * day}`;

const eachOf = (hit: string): string => `(
  ${hit}
) AS failed
LEFT JOIN (
  SELECT customer, sum(amount) AS spent FROM $db.activity_day_v1
  WHERE tenant = {tenant:String} AND type IN ('order', 'payment', 'recharge')
    AND bucket >= {from:Int64} - ${91 * day} AND bucket <= {from:Int64} - ${day}
    AND customer IN (SELECT customer FROM (${hit}))
  GROUP BY customer
) AS spending USING customer
LEFT JOIN (
  SELECT customer, max(occurred_at) AS seenAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND type IN {engagement:Array(String)} AND occurred_at >= {since:Int64}
    AND customer IN (SELECT customer FROM (${hit}))
  GROUP BY customer
) AS seen USING customer`;

const blastQuery = (name: string, whom: string, hit: string) =>
  query({
    name,
    about: `How many customers ${whom}, what they had spent in 90 days, and how many of them were there again since.`,
    sql: `SELECT count() AS affected, sum(spent) AS valueAtRisk, max(failedAt) AS lastFailedAt, countIf(seenAt > 0) AS cameBack
FROM ${eachOf(hit)}`,
    params: z.object({ ...blastParams, engagement: z.array(z.string()), since: z.number() }),
    row: z.object({
      affected: z.number(),
      valueAtRisk: z.number(),
      lastFailedAt: z.number(),
      cameBack: z.number(),
    }),
  });

const customersQuery = (name: string, whom: string, hit: string) =>
  query({
    name,
    about: `The customers ${whom}, those who had spent most first.`,
    sql: `SELECT customer, failedAt AS lastFailedAt, spent, seenAt AS seenSince
FROM ${eachOf(hit)}
ORDER BY spent DESC, customer LIMIT {limit:UInt32}`,
    params: z.object({ ...blastParams, engagement: z.array(z.string()), since: z.number(), limit: z.number() }),
    row: z.object({ customer: z.string(), lastFailedAt: z.number(), spent: z.number(), seenSince: z.number() }),
  });

const hitQuery = (name: string, whom: string, hit: string) =>
  query({
    name,
    about: `Which of some customers ${whom}.`,
    sql: `SELECT DISTINCT customer FROM (${hit})`,
    params: z.object({ ...blastParams, customers: z.array(z.string()) }),
    row: z.object({ customer: z.string() }),
  });

const failing = 'whom an incident hit';
export const incidentBlast = blastQuery('incident-blast', failing, whoFailed('1'));
export const incidentCustomers = customersQuery('incident-customers', failing, whoFailed('1'));
export const customersHit = hitQuery(
  'customers-hit',
  'an incident hit',
  whoFailed('customer IN {customers:Array(String)}'),
);

const missing = 'who were last heard, within three days, in what fell silent';
export const silenceBlast = blastQuery('silence-blast', missing, whoWasThere(lastDays));
export const silenceCustomers = customersQuery('silence-customers', missing, whoWasThere(lastDays));
// However long ago: who was missing before may have come back, and nobody would have told.
export const customersUnheard = hitQuery(
  'customers-unheard',
  'were last heard in what fell silent',
  whoWasThere('customer IN {customers:Array(String)}'),
);

const incidentColumns = `tenant, id, revision, kinds, app_version AS appVersion, platform, channel, state, began_at AS beganAt,
  detected_at AS detectedAt, ended_at AS endedAt, end_detected_at AS endDetectedAt, failing, active, norm, affected,
  value_at_risk AS valueAtRisk, came_back AS cameBack`;
const kind = z.enum(incidentKinds);
const incidentRow = z.object({
  tenant: z.string(),
  id: z.string(),
  revision: z.number(),
  kinds: z.tuple([kind], kind),
  appVersion: z.string(),
  platform: z.string(),
  channel: z.string(),
  state: z.enum(incidentStates),
  beganAt: z.number(),
  detectedAt: z.number(),
  endedAt: z.number().nullable(),
  endDetectedAt: z.number().nullable(),
  failing: z.number(),
  active: z.number(),
  norm: z.number(),
  affected: z.number(),
  valueAtRisk: z.number(),
  cameBack: z.number().nullable(),
});
export type IncidentRow = z.output<typeof incidentRow>;
/** Of each the newest row. */
const newestRows = `SELECT * FROM $db.incident_v1 ORDER BY tenant, id, revision DESC LIMIT 1 BY tenant, id`;

export const openIncidents = query({
  name: 'open-incidents',
  about: 'The incidents that are open, of all tenants.',
  sql: `SELECT ${incidentColumns} FROM (${newestRows}) WHERE state = 'open' ORDER BY began_at, id`,
  params: z.object({}),
  row: incidentRow,
});

export const incidentsSince = query({
  name: 'incidents-since',
  about: 'The incidents that are open, or ended after an instant, of all tenants.',
  sql: `SELECT ${incidentColumns} FROM (${newestRows})
WHERE state = 'open' OR ended_at > {since:Int64} ORDER BY began_at, id`,
  params: z.object({ since: z.number() }),
  row: incidentRow,
});

export const incidentList = query({
  name: 'incident-list',
  about: 'Incidents as they are now, those that began last first.',
  sql: `SELECT ${incidentColumns} FROM (${newestRows})
WHERE tenant = {tenant:String} AND ({state:String} = '' OR state = {state:String}) AND ({id:String} = '' OR id = {id:String})
ORDER BY began_at DESC, id LIMIT {limit:UInt32}`,
  params: z.object({ tenant: z.string(), state: z.string(), id: z.string(), limit: z.number() }),
  row: incidentRow,
});

export const unpublishedIncidents = query({
  name: 'unpublished-incidents',
  about: 'Changes of incidents that were stored but perhaps never reached the topic.',
  sql: `SELECT ${incidentColumns} FROM $db.incident_v1 FINAL
WHERE concat(id, '/', toString(revision)) NOT IN (SELECT transition_id FROM $db.publication_v1)
ORDER BY began_at, id, revision`,
  params: z.object({}),
  row: incidentRow,
});
