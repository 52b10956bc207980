import { z } from 'zod';
import type { Alert, EpochMs, FlagState, Severity, SignalValues, Transition } from '#domain';
import { customerId, epochMs, flagStates, ruleId, severities, tenantId } from '#domain';
import type { Decision, FlagStore, KnownCustomer, Share, StoredFlag } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

const shareParams = { partitions: z.array(z.number()), count: z.number() };
/** The partition of a customer's key, as Kafka's own partitioner has it. */
const inShare = (customer: string): string =>
  `has({partitions:Array(UInt32)}, kafkaMurmurHash(${customer}) % {count:UInt32})`;

const state = z.enum(flagStates as readonly FlagState[] as [FlagState, ...FlagState[]]);

/** Newest last. The instants only order moves stored before moves were counted. */
export const newest = 'tuple(sequence, became_due_at, detected_at)';

export const flagsNow = query({
  name: 'flags-now',
  about: 'Where every flag of a share of the customers stands after its last move.',
  sql: `SELECT tenant, customer, rule,
  argMax(to_state, ${newest}) AS state, argMax(became_due_at, ${newest}) AS since,
  argMax(episode, ${newest}) AS episode, argMax(tuple(cleared_at), ${newest}).1 AS clearedAt,
  max(sequence) AS lastSequence
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
    episode: z.number(),
    clearedAt: z.number().nullable(),
    lastSequence: z.number(),
  }),
});

export const transitionColumns = `id, sequence, tenant, customer, rule, rule_version AS ruleVersion, episode, from_state AS "from", to_state AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, severity, reason, evidence, cleared_at AS clearedAt, alert`;

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

export const customersTouchedSince = query({
  name: 'customers-touched-since',
  about: 'Every customer of a share, with the instants (one a minute at most) of what they did after an instant.',
  sql: `SELECT tenant, customer, arraySort(groupUniqArrayIf(at, touched)) AS touchedAt
FROM (
  SELECT tenant, customer, max(occurred_at) AS at, at > {since:Int64} AS touched
  FROM $db.event_v1
  WHERE ${inShare('customer')}
  GROUP BY tenant, customer, if(occurred_at > {since:Int64}, intDiv(occurred_at, 60000), 0)
)
GROUP BY tenant, customer`,
  params: z.object({ ...shareParams, since: z.number() }),
  row: z.object({ tenant: z.string(), customer: z.string(), touchedAt: z.array(z.number()) }),
});

export const decidedUpTo = query({
  name: 'decided-up-to',
  about: 'How far the deadlines of each partition have been decided.',
  sql: `SELECT partition, up_to AS upTo FROM $db.decided_v1 FINAL
WHERE partitions = {count:UInt32} AND has({partitions:Array(UInt32)}, partition)`,
  params: z.object(shareParams),
  row: z.object({ partition: z.number(), upTo: z.number() }),
});

export class ClickHouseFlagStore implements FlagStore {
  constructor(private readonly store: Store) {}

  async load(share: Share): Promise<readonly StoredFlag[]> {
    const rows = await this.store.rows(flagsNow, { partitions: [...share.partitions], count: share.count });
    return rows.map((row) => ({
      tenant: tenantId(row.tenant),
      customer: customerId(row.customer),
      rule: ruleId(row.rule),
      sequence: row.lastSequence,
      flag: {
        state: row.state,
        since: epochMs(row.since),
        episode: row.episode,
        clearedAt: row.clearedAt === null ? null : epochMs(row.clearedAt),
      },
    }));
  }

  async append(decisions: readonly Decision[]): Promise<void> {
    await this.store.insert(
      'transition_v1',
      [
        'id',
        'sequence',
        'tenant',
        'customer',
        'rule',
        'rule_version',
        'episode',
        'from_state',
        'to_state',
        'became_due_at',
        'detected_at',
        'severity',
        'reason',
        'evidence',
        'cleared_at',
        'alert_id',
        'retracts',
        'alert',
      ],
      decisions.map(({ transition: move, alert }) => [
        move.id,
        move.sequence,
        move.tenant,
        move.customer,
        move.rule,
        move.ruleVersion,
        move.episode,
        move.from,
        move.to,
        move.becameDueAt,
        move.detectedAt,
        move.severity,
        move.reason,
        JSON.stringify(move.evidence),
        move.clearedAt,
        alert?.id ?? '',
        alert?.retracts ?? '',
        alert === null ? '' : JSON.stringify(alert),
      ]),
    );
  }

  async unpublished(share: Share): Promise<readonly Decision[]> {
    const rows = await this.store.rows(unpublishedDecisions, { partitions: [...share.partitions], count: share.count });
    return rows.map(decisionOf);
  }

  async markPublished(decisions: readonly Decision[], at: EpochMs): Promise<void> {
    await this.store.insert(
      'publication_v1',
      ['transition_id', 'at'],
      decisions.map(({ transition }) => [transition.id, at]),
    );
  }

  async customers(share: Share, since: EpochMs): Promise<readonly KnownCustomer[]> {
    const rows = await this.store.rows(customersTouchedSince, {
      partitions: [...share.partitions],
      count: share.count,
      since,
    });
    return rows.map((row) => ({
      tenant: tenantId(row.tenant),
      customer: customerId(row.customer),
      touchedAt: row.touchedAt.map(epochMs),
    }));
  }

  async decidedUpTo(share: Share): Promise<EpochMs | null> {
    const rows = await this.store.rows(decidedUpTo, { partitions: [...share.partitions], count: share.count });
    if (rows.length < share.partitions.length) return null;
    return epochMs(Math.min(...rows.map((row) => row.upTo)));
  }

  async recordDecidedUpTo(share: Share, upTo: EpochMs): Promise<void> {
    await this.store.insert(
      'decided_v1',
      ['partition', 'partitions', 'up_to', 'version'],
      share.partitions.map((partition) => [partition, share.count, upTo, Date.now()]),
    );
  }
}
