import type {
  ActivityEvent,
  CustomerId,
  EpochMs,
  EventType,
  Extent,
  FailureKind,
  Incident,
  IncidentId,
  IncidentState,
  PastCounts,
  TenantId,
} from '#domain';
import { contains, customerKey, DAY, engagementTypes, epochMs, failureKinds, HOUR } from '#domain';
import { bucketEnd, bucketMs, quarterMs } from '../incidents/incident-course.js';
import type { AffectedCustomer, Blast, IncidentStore, QuarterCounts } from '../ports/incident-store.js';

const activities: Readonly<Partial<Record<EventType, string>>> = {
  app_open: 'using',
  session_start: 'using',
  login: 'using',
  order: 'paying',
  payment: 'paying',
  recharge: 'paying',
  deposit: 'paying',
  booking: 'paying',
};
const spendings: ReadonlySet<EventType> = new Set<EventType>(['order', 'payment', 'recharge']);
const week = 7 * DAY;

interface Attendance extends Extent {
  readonly tenant: TenantId;
  /** By activity. */
  readonly customers: Map<string, Set<CustomerId>>;
  readonly firstFailedAt: Map<string, EpochMs>;
}

const isPartOf = (bucket: number, attendance: Attendance, { tenant, extent, beganAt, endedAt }: Incident): boolean =>
  tenant === attendance.tenant && bucket >= beganAt && bucket < (endedAt ?? Infinity) && contains(extent, attendance);

/** Exact counts of events in memory: what the store's sketches come to, and its incidents. */
export class MemoryIncidentStore implements IncidentStore {
  readonly rows: Incident[] = [];
  readonly published = new Set<string>();
  /** Of each bucket, by cell. */
  private readonly buckets = new Map<number, Map<string, Attendance>>();
  /** Sums over the quarters of an hour, each with the name of its cell and kind. */
  private readonly hours = new Map<number, ReadonlyMap<string, QuarterCounts>>();
  private readonly byCustomer = new Map<string, ActivityEvent[]>();

  fold(events: readonly ActivityEvent[]): void {
    for (const event of events) {
      const key = customerKey(event.tenant, event.customer);
      const own = this.byCustomer.get(key) ?? [];
      this.byCustomer.set(key, own);
      own.push(event);
      const isFailure = (failureKinds as readonly EventType[]).includes(event.type);
      const activity = isFailure ? event.type : activities[event.type];
      if (activity === undefined) continue;
      const bucket = event.occurredAt - (event.occurredAt % bucketMs);
      this.hours.delete(bucket - (bucket % HOUR));
      const cells = this.buckets.get(bucket) ?? new Map<string, Attendance>();
      this.buckets.set(bucket, cells);
      const { tenant, appVersion, platform, channel } = event;
      const cell = JSON.stringify([tenant, appVersion, platform, channel]);
      const attendance = cells.get(cell) ?? {
        tenant,
        appVersion,
        platform,
        channel,
        customers: new Map<string, Set<CustomerId>>(),
        firstFailedAt: new Map<string, EpochMs>(),
      };
      cells.set(cell, attendance);
      const customers = attendance.customers.get(activity) ?? new Set<CustomerId>();
      attendance.customers.set(activity, customers.add(event.customer));
      if (isFailure) attendance.firstFailedAt.set(activity, epochMs(bucket));
    }
  }

  async quarters(read: EpochMs): Promise<readonly QuarterCounts[]> {
    const end = bucketEnd(read);
    return [0, 1, 2, 3].flatMap((ago) => this.counted(end - (ago + 1) * quarterMs, ago));
  }

  async past(
    hour: EpochMs,
  ): Promise<readonly (PastCounts & { readonly tenant: TenantId; readonly kind: FailureKind })[]> {
    type Sum = PastCounts & { readonly tenant: TenantId; readonly kind: FailureKind; failing: number; active: number };
    const sums = new Map<string, Sum>();
    const add = (from: number, until: number, period: 'day' | 'week', ago: number): void => {
      for (let at = from; at < until; at += HOUR) {
        for (const [name, { firstFailedAt: _, ...counts }] of this.hourOf(at)) {
          const key = `${period} ${ago} ${name}`;
          const sum = sums.get(key) ?? { ...counts, period, ago, failing: 0, active: 0 };
          sums.set(key, sum);
          sum.failing += counts.failing;
          sum.active += counts.active;
        }
      }
    };
    for (let ago = 1; ago <= 7; ago++) add(hour - HOUR - ago * DAY, hour - HOUR - (ago - 1) * DAY, 'day', ago);
    for (let ago = 1; ago <= 4; ago++) add(hour - ago * week - HOUR, hour - ago * week + 2 * HOUR, 'week', ago);
    return [...sums.values()];
  }

  async blast(incident: Incident, since: EpochMs | null): Promise<Blast> {
    const hit = this.hit(incident, since);
    return {
      affected: hit.length,
      valueAtRisk: hit.reduce((sum, { spent }) => sum + spent, 0),
      lastFailedAt: hit.length === 0 ? null : epochMs(Math.max(...hit.map(({ lastFailedAt }) => lastFailedAt))),
      cameBack: hit.filter(({ seenSince }) => seenSince !== null).length,
    };
  }

  async affected(incident: Incident, limit: number): Promise<readonly AffectedCustomer[]> {
    const byWorth = (a: AffectedCustomer, b: AffectedCustomer) =>
      b.spent - a.spent || (a.customer < b.customer ? -1 : 1);
    return this.hit(incident, incident.endedAt).toSorted(byWorth).slice(0, limit);
  }

  async open(): Promise<readonly Incident[]> {
    return this.newest().filter(({ state }) => state === 'open');
  }

  async append(incidents: readonly Incident[]): Promise<void> {
    this.rows.push(...incidents);
  }

  async unpublished(): Promise<readonly Incident[]> {
    return this.rows.filter(({ id, revision }) => !this.published.has(`${id}/${revision}`));
  }

  async markPublished(incidents: readonly Incident[]): Promise<void> {
    for (const { id, revision } of incidents) this.published.add(`${id}/${revision}`);
  }

  async list(
    tenant: TenantId,
    { state, limit }: { readonly state?: IncidentState; readonly limit: number },
  ): Promise<readonly Incident[]> {
    const own = this.newest().filter(
      (incident) => incident.tenant === tenant && incident.state === (state ?? incident.state),
    );
    return own.toSorted((a, b) => b.beganAt - a.beganAt || (a.id < b.id ? -1 : 1)).slice(0, limit);
  }

  async find(tenant: TenantId, id: IncidentId): Promise<Incident | null> {
    return this.newest().find((incident) => incident.tenant === tenant && incident.id === id) ?? null;
  }

  private hourOf(at: number): ReadonlyMap<string, QuarterCounts> {
    const parts = this.newest().filter(({ beganAt, endedAt }) => beganAt < at + HOUR && (endedAt ?? Infinity) > at);
    const known = this.hours.get(at);
    if (known !== undefined && parts.length === 0) return known;
    const sums = new Map<string, QuarterCounts>();
    for (let quarter = at; quarter < at + HOUR; quarter += quarterMs) {
      for (const counts of this.counted(quarter, 0, parts)) {
        const { tenant, kind, appVersion, platform, channel } = counts;
        const name = JSON.stringify([tenant, kind, appVersion, platform, channel]);
        const { failing = 0, active = 0 } = sums.get(name) ?? {};
        sums.set(name, { ...counts, failing: failing + counts.failing, active: active + counts.active });
      }
    }
    if (parts.length === 0) this.hours.set(at, sums);
    return sums;
  }

  private newest(): readonly Incident[] {
    const newest = new Map<IncidentId, Incident>();
    for (const row of this.rows) if (row.revision > (newest.get(row.id)?.revision ?? 0)) newest.set(row.id, row);
    return [...newest.values()].toSorted((a, b) => a.beganAt - b.beganAt || (a.id < b.id ? -1 : 1));
  }

  /** The quarter of an hour that begins at a bucket, without what was part of some incidents. */
  private counted(from: number, ago: number, without: readonly Incident[] = []): readonly QuarterCounts[] {
    const cells = new Map<string, Attendance[]>();
    for (let bucket = from; bucket < from + quarterMs; bucket += bucketMs) {
      for (const [cell, attendance] of this.buckets.get(bucket) ?? [])
        if (!without.some((incident) => isPartOf(bucket, attendance, incident)))
          cells.set(cell, [...(cells.get(cell) ?? []), attendance]);
    }
    return [...cells.values()].flatMap((attendances) => {
      const { tenant, appVersion, platform, channel } = attendances[0]!;
      const there = (...asked: readonly string[]): number =>
        new Set(attendances.flatMap(({ customers }) => asked.flatMap((each) => [...(customers.get(each) ?? [])]))).size;
      const [payments, uses] = [there('paying', 'payment_failed'), there('using', ...failureKinds.slice(0, 4))];
      return failureKinds.map((kind): QuarterCounts => {
        const first = attendances.flatMap(({ firstFailedAt }) => firstFailedAt.get(kind) ?? []);
        const active = kind === 'payment_failed' ? payments : uses;
        const firstFailedAt = first.length === 0 ? null : epochMs(Math.min(...first));
        return { tenant, kind, ago, appVersion, platform, channel, failing: there(kind), active, firstFailedAt };
      });
    });
  }

  private hit({ tenant, kinds, extent, beganAt, endedAt }: Incident, since: EpochMs | null): AffectedCustomer[] {
    return [...this.byCustomer.values()].flatMap((events): AffectedCustomer[] => {
      const failures = events.filter(
        (event) =>
          event.tenant === tenant &&
          (kinds as readonly EventType[]).includes(event.type) &&
          contains(extent, event) &&
          event.occurredAt >= beganAt &&
          event.occurredAt < (endedAt ?? Infinity),
      );
      if (failures.length === 0) return [];
      const seen = events.filter(
        ({ type, occurredAt }) => engagementTypes.includes(type) && since !== null && occurredAt >= since,
      );
      const spent = events
        .filter(({ type, occurredAt }) => {
          const day = occurredAt - (occurredAt % DAY);
          return spendings.has(type) && day <= beganAt - DAY && day >= beganAt - 91 * DAY;
        })
        .reduce((sum, { amount }) => sum + (amount ?? 0), 0);
      const last = (some: readonly ActivityEvent[]) => epochMs(Math.max(...some.map(({ occurredAt }) => occurredAt)));
      return [
        {
          customer: failures[0]!.customer,
          lastFailedAt: last(failures),
          spent,
          seenSince: seen.length === 0 ? null : last(seen),
        },
      ];
    });
  }
}
