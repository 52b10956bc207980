import { z } from 'zod';
import type { Alert, Attempt, EpochMs, FlagState, Incident, IncidentId, Intent } from '#domain';
import { customerId, customerKey, DAY, epochMs, flagStates, incidentId, isOfSilence } from '#domain';
import type { DeliveryLog, OpenCursor, OpenDelivery, OpenPage, OpenQuestion, Original, Overtaken } from '#pipeline';
import { byTenant } from './by-tenant.js';
import { blastOf, incidentOf } from './incident-store.js';
import { alertOf, newest } from './queries/flags.js';
import { customersHit, customersUnheard, openIncidents } from './queries/incidents.js';
import { query } from './query.js';
import type { Store } from './store.js';

/** Clocks of machines differ: a try may seem to be older than its alert. */
const clocksDifferMs = DAY;

export const openDeliveries = query({
  name: 'open-deliveries',
  about: 'A page of the alerts that some channel has neither delivered nor given up, oldest first; names only.',
  sql: `SELECT detected_at AS detectedAt, retraction, alert_id AS alert, channel, retracts
FROM (
  SELECT detected_at, retracts != '' AS retraction, alert_id, retracts, arrayJoin({channels:Array(String)}) AS channel
  FROM $db.transition_v1
  WHERE alert_id != '' AND detected_at > {since:Int64} AND detected_at >= {afterAt:Int64}
)
WHERE (detected_at, retraction, alert_id, channel)
    > ({afterAt:Int64}, {afterRetraction:UInt8}, {afterAlert:String}, {afterChannel:String})
  AND (alert_id, channel) NOT IN (
    SELECT alert_id, channel FROM $db.attempt_v1
    WHERE state != 'retrying' AND has({channels:Array(String)}, channel) AND at > {triedSince:Int64}
  )
  AND NOT (has({dueOnly:Array(String)}, channel) AND (alert_id, channel) IN (
    SELECT alert_id, channel FROM $db.attempt_v1
    WHERE state = 'retrying' AND has({dueOnly:Array(String)}, channel)
    GROUP BY alert_id, channel
    HAVING argMax(retry_at, number) > {now:Int64}
  ))
ORDER BY detected_at, retraction, alert_id, channel
LIMIT {limit:UInt32}`,
  params: z.object({
    channels: z.array(z.string()),
    dueOnly: z.array(z.string()),
    now: z.number(),
    since: z.number(),
    triedSince: z.number(),
    afterAt: z.number(),
    afterRetraction: z.number(),
    afterAlert: z.string(),
    afterChannel: z.string(),
    limit: z.number(),
  }),
  row: z.object({
    detectedAt: z.number(),
    retraction: z.number(),
    alert: z.string(),
    channel: z.string(),
    retracts: z.string(),
  }),
});

export const alertsToDeliver = query({
  name: 'alerts-to-deliver',
  about: 'Alerts by id, each with where its episode of the flag stands now.',
  sql: `SELECT told.alert_id AS id, told.alert AS alert, stands.state AS state,
  told.alert_id IN (
    SELECT retracts FROM $db.transition_v1 WHERE retracts IN {alerts:Array(String)}
  ) AS withdrawn
FROM (
  SELECT alert_id, alert, tenant, customer, rule, episode FROM $db.transition_v1 FINAL
  WHERE alert_id IN {alerts:Array(String)}
) AS told
INNER JOIN (
  SELECT tenant, customer, rule, episode, argMax(to_state, ${newest}) AS state FROM $db.transition_v1
  WHERE (tenant, customer, rule) IN (
    SELECT tenant, customer, rule FROM $db.transition_v1 WHERE alert_id IN {alerts:Array(String)}
  )
  GROUP BY tenant, customer, rule, episode
) AS stands USING (tenant, customer, rule, episode)`,
  params: z.object({ alerts: z.array(z.string()) }),
  row: z.object({
    id: z.string(),
    alert: z.string(),
    withdrawn: z.number(),
    state: z.enum(flagStates as readonly FlagState[] as [FlagState, ...FlagState[]]),
  }),
});

export const deliveryStandings = query({
  name: 'delivery-standings',
  about: 'What was tried for some alerts, by channel: tries written down before they began, and how they ended.',
  sql: `SELECT alert_id AS alert, channel, max(tried) AS known, max(announced) AS begun, max(is_end) AS ended,
  argMax(tuple(retry_at), (tried, at)).1 AS retryAt, max(may_have_arrived) AS mayHaveArrived,
  argMaxIf(incident, (tried, at), incident != '') AS heldFor
FROM (
  SELECT alert_id, channel, number AS tried, 0 AS announced, state != 'retrying' AS is_end, retry_at, may_have_arrived,
    at, incident
  FROM $db.attempt_v1 WHERE alert_id IN {alerts:Array(String)}
  UNION ALL
  SELECT alert_id, channel, 0 AS tried, number AS announced, 0 AS is_end, NULL AS retry_at, 0 AS may_have_arrived,
    at, '' AS incident
  FROM $db.intent_v1 WHERE alert_id IN {alerts:Array(String)}
)
GROUP BY alert_id, channel`,
  params: z.object({ alerts: z.array(z.string()) }),
  row: z.object({
    alert: z.string(),
    channel: z.string(),
    known: z.number(),
    begun: z.number(),
    ended: z.number(),
    retryAt: z.number().nullable(),
    mayHaveArrived: z.number(),
    heldFor: z.string(),
  }),
});

interface Standing extends Original {
  readonly retryAt: EpochMs | null;
  readonly heldFor: IncidentId | null;
}
const untried: Standing = { open: true, attempts: 0, mayHaveArrived: false, retryAt: null, heldFor: null };

export class ClickHouseDeliveryLog implements DeliveryLog {
  constructor(private readonly store: Store) {}

  async announce(intents: readonly Intent[]): Promise<void> {
    await this.store.insert(
      'intent_v1',
      ['tenant', 'alert_id', 'channel', 'number', 'at'],
      intents.map(({ tenant, alert, channel, number, at }) => [tenant, alert, channel, number, at]),
    );
  }

  async record(attempts: readonly Attempt[]): Promise<void> {
    await this.store.insert(
      'attempt_v1',
      [
        'tenant',
        'alert_id',
        'channel',
        'number',
        'state',
        'reason',
        'detail',
        'at',
        'retry_at',
        'may_have_arrived',
        'incident',
      ],
      attempts.map((attempt) => [
        attempt.tenant,
        attempt.alert,
        attempt.channel,
        attempt.number,
        attempt.state,
        attempt.reason ?? '',
        attempt.detail,
        attempt.at,
        attempt.retryAt,
        attempt.mayHaveArrived ? 1 : 0,
        attempt.incident ?? '',
      ]),
    );
  }

  async open(question: OpenQuestion): Promise<OpenPage> {
    const { channels, dueOnly, now, since, after, limit } = question;
    if (channels.length === 0) return { deliveries: [], next: null };
    const rows = await this.store.rows(openDeliveries, {
      channels: [...channels],
      dueOnly: [...dueOnly],
      now,
      since,
      triedSince: since - clocksDifferMs,
      afterAt: after?.detectedAt ?? Number.MIN_SAFE_INTEGER,
      afterRetraction: after?.retraction === true ? 1 : 0,
      afterAlert: after?.alert ?? '',
      afterChannel: after?.channel ?? '',
      limit,
    });
    if (rows.length === 0) return { deliveries: [], next: null };
    const ids = [...new Set(rows.map((row) => row.alert))];
    const originals = rows.map((row) => row.retracts).filter((id) => id !== '');
    const [alerts, standings] = await Promise.all([
      this.store.rows(alertsToDeliver, { alerts: ids }),
      this.standings([...new Set([...ids, ...originals])]),
    ]);
    const known = new Map(
      alerts.map((row) => [row.id, { alert: alertOf(row.alert), overtaken: overtakenBy(row) }] as const),
    );
    const incidentsOf = await this.incidentsThatHit([...known.values()].map(({ alert }) => alert));
    // A decision that was stored twice stands in two rows until they are merged.
    const seen = new Set<string>();
    const deliveries = rows.flatMap((row): OpenDelivery[] => {
      const found = known.get(row.alert);
      const place = `${row.alert} ${row.channel}`;
      if (found === undefined || seen.has(place)) return [];
      seen.add(place);
      const { alert } = found;
      const { attempts, retryAt, mayHaveArrived, heldFor } = standings(row.alert, row.channel);
      const isRetraction = alert.kind === 'retraction';
      const original = isRetraction ? standings(row.retracts, row.channel) : null;
      const overtaken = isRetraction ? null : found.overtaken;
      const stands = { attempts, retryAt, mayHaveArrived, overtaken, original, heldFor };
      return [{ alert, channel: row.channel, ...stands, incidents: incidentsOf(alert) }];
    });
    return { deliveries, next: rows.length < limit ? null : cursorAt(rows.at(-1)!) };
  }

  /** Costs one small question as long as no incident is open. */
  private async incidentsThatHit(alerts: readonly Alert[]): Promise<(alert: Alert) => readonly Incident[]> {
    const open = (await this.store.rows(openIncidents, {})).map(incidentOf);
    const hit = new Map<Incident, ReadonlySet<string>>();
    for (const incident of open) {
      const own = new Set<string>();
      for (const [tenant, piece] of byTenant(alerts.filter((alert) => alert.tenant === incident.tenant))) {
        const customers = piece.map(({ customer }) => customer);
        const asked = isOfSilence(incident) ? customersUnheard : customersHit;
        const rows = await this.store.rows(asked, { ...blastOf(incident), customers });
        for (const { customer } of rows) own.add(customerKey(tenant, customerId(customer)));
      }
      hit.set(incident, own);
    }
    return ({ tenant, customer, becameDueAt }) =>
      open.filter((one) => becameDueAt >= one.beganAt && hit.get(one)!.has(customerKey(tenant, customer)));
  }

  private async standings(alerts: readonly string[]): Promise<(alert: string, channel: string) => Standing> {
    const rows = await this.store.rows(deliveryStandings, { alerts: [...alerts] });
    const standings = new Map(
      rows.map((row): [string, Standing] => [
        `${row.alert} ${row.channel}`,
        {
          open: row.ended === 0,
          attempts: Math.max(row.known, row.begun),
          // Begun, and nobody wrote down how it ended.
          mayHaveArrived: row.mayHaveArrived > 0 || row.begun > row.known,
          retryAt: row.retryAt === null ? null : epochMs(row.retryAt),
          heldFor: row.heldFor === '' ? null : incidentId(row.heldFor),
        },
      ]),
    );
    return (alert, channel) => standings.get(`${alert} ${channel}`) ?? untried;
  }
}

function overtakenBy({ state, withdrawn }: { state: FlagState; withdrawn: number }): Overtaken | null {
  if (state === 'retracted' || withdrawn > 0) return 'retracted';
  return state === 'clear' ? 'resolved' : null;
}

const cursorAt = (row: z.output<(typeof openDeliveries)['row']>): OpenCursor => ({
  detectedAt: epochMs(row.detectedAt),
  retraction: row.retraction !== 0,
  alert: row.alert,
  channel: row.channel,
});
