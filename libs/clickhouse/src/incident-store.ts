import type { EpochMs, FailureKind, Incident, IncidentId, IncidentState, PastCounts, TenantId } from '#domain';
import { customerId, DAY, engagementTypes, epochMs, failureKinds, incidentId, isOfSilence, tenantId } from '#domain';
import type { AffectedCustomer, Blast, Fence, IncidentStore, QuarterCounts } from '#pipeline';
import { bucketEnd, fenceText } from '#pipeline';
import type { IncidentRow } from './queries/incidents.js';
import {
  incidentBlast,
  incidentCustomers,
  incidentList,
  incidentsSince,
  openIncidents,
  pastCounts,
  quarterCounts,
  silenceBlast,
  silenceCustomers,
  unpublishedIncidents,
} from './queries/incidents.js';
import type { Store } from './store.js';

/** No event occurs later. */
const never = Number.MAX_SAFE_INTEGER;
/** What the counts of the past reach back. */
const pastMs = 29 * DAY;

export class ClickHouseIncidentStore implements IncidentStore {
  constructor(private readonly store: Store) {}

  async quarters(read: EpochMs): Promise<readonly QuarterCounts[]> {
    const rows = await this.store.rows(quarterCounts, { end: bucketEnd(read) });
    return rows.flatMap(({ tenant, ago, firstFailedAt, ...row }) =>
      byKind(row).map((counts, index) => {
        const first = firstFailedAt[index] ?? 0;
        const firstFailed = counts.failing === 0 ? null : epochMs(first);
        return { tenant: tenantId(tenant), ago, ...counts, firstFailedAt: firstFailed };
      }),
    );
  }

  async past(
    hour: EpochMs,
  ): Promise<readonly (PastCounts & { readonly tenant: TenantId; readonly kind: FailureKind })[]> {
    const incidents = await this.store.rows(incidentsSince, { since: hour - pastMs });
    const rows = await this.store.rows(pastCounts, {
      hour,
      tenants: incidents.map(({ tenant }) => tenant),
      began: incidents.map(({ beganAt }) => beganAt),
      ended: incidents.map(({ endedAt }) => endedAt ?? never),
      versions: incidents.map(({ appVersion }) => appVersion),
      platforms: incidents.map(({ platform }) => platform),
      channels: incidents.map(({ channel }) => channel),
    });
    return rows.flatMap(({ tenant, span: period, ago, ...row }) =>
      byKind(row).map((counts) => ({ tenant: tenantId(tenant), period, ago, ...counts })),
    );
  }

  async blast(incident: Incident, since: EpochMs | null): Promise<Blast> {
    const asked = isOfSilence(incident) ? silenceBlast : incidentBlast;
    const [row] = await this.store.rows(asked, { ...blastOf(incident), since: since ?? never });
    const { affected = 0, valueAtRisk = 0, lastFailedAt = 0, cameBack = 0 } = row ?? {};
    return { affected, valueAtRisk, lastFailedAt: affected === 0 ? null : epochMs(lastFailedAt), cameBack };
  }

  async affected(incident: Incident, limit: number): Promise<readonly AffectedCustomer[]> {
    const since = incident.endedAt ?? never;
    const asked = isOfSilence(incident) ? silenceCustomers : incidentCustomers;
    const rows = await this.store.rows(asked, { ...blastOf(incident), since, limit });
    return rows.map(({ customer, lastFailedAt, spent, seenSince }) => ({
      customer: customerId(customer),
      lastFailedAt: epochMs(lastFailedAt),
      spent,
      seenSince: seenSince === 0 ? null : epochMs(seenSince),
    }));
  }

  async open(): Promise<readonly Incident[]> {
    return (await this.store.rows(openIncidents, {})).map(incidentOf);
  }

  async append(incidents: readonly Incident[], fence: Fence): Promise<void> {
    await this.store.insert(
      'incident_door_v1',
      [
        'tenant',
        'id',
        'revision',
        'kinds',
        'app_version',
        'platform',
        'channel',
        'state',
        'began_at',
        'detected_at',
        'ended_at',
        'end_detected_at',
        'failing',
        'active',
        'norm',
        'affected',
        'value_at_risk',
        'came_back',
        'fence',
      ],
      incidents.map((incident, index) => [
        incident.tenant,
        incident.id,
        incident.revision,
        incident.kinds,
        incident.extent.appVersion,
        incident.extent.platform,
        incident.extent.channel,
        incident.state,
        incident.beganAt,
        incident.detectedAt,
        incident.endedAt,
        incident.endDetectedAt,
        incident.failing,
        incident.active,
        incident.norm,
        incident.affected,
        incident.valueAtRisk,
        incident.cameBack,
        index === 0 ? fenceText(fence) : '',
      ]),
    );
  }

  async unpublished(): Promise<readonly Incident[]> {
    return (await this.store.rows(unpublishedIncidents, {})).map(incidentOf);
  }

  async markPublished(incidents: readonly Incident[], at: EpochMs): Promise<void> {
    const rows = incidents.map(({ id, revision }) => [`${id}/${revision}`, at]);
    await this.store.insert('publication_v1', ['transition_id', 'at'], rows);
  }

  async list(
    tenant: TenantId,
    { state, limit }: { readonly state?: IncidentState; readonly limit: number },
  ): Promise<readonly Incident[]> {
    return (await this.store.rows(incidentList, { tenant, state: state ?? '', id: '', limit })).map(incidentOf);
  }

  async find(tenant: TenantId, id: IncidentId): Promise<Incident | null> {
    if (id === '') return null;
    const [row] = await this.store.rows(incidentList, { tenant, state: '', id, limit: 1 });
    return row ? incidentOf(row) : null;
  }
}

interface CellRow extends Record<FailureKind | 'using' | 'paying', number> {
  readonly appVersion: string;
  readonly platform: string;
  readonly channel: string;
}

const byKind = ({ appVersion, platform, channel, ...row }: CellRow) =>
  failureKinds.map((kind) => ({
    kind,
    appVersion,
    platform,
    channel,
    failing: row[kind],
    active: kind === 'payment_failed' ? row.paying : row.using,
  }));

/** What the queries about an incident's customers are asked with. */
export const blastOf = ({ tenant, kinds, extent, beganAt, endedAt }: Incident) => ({
  tenant,
  kinds: [...kinds],
  ...extent,
  from: beganAt,
  until: endedAt ?? never,
  engagement: [...engagementTypes],
});

export const incidentOf = ({ appVersion, platform, channel, ...row }: IncidentRow): Incident => ({
  ...row,
  id: incidentId(row.id),
  tenant: tenantId(row.tenant),
  extent: { appVersion, platform, channel },
  beganAt: epochMs(row.beganAt),
  detectedAt: epochMs(row.detectedAt),
  endedAt: row.endedAt === null ? null : epochMs(row.endedAt),
  endDetectedAt: row.endDetectedAt === null ? null : epochMs(row.endDetectedAt),
});
