import type {
  Cell,
  Clock,
  EpochMs,
  Extent,
  FailureKind,
  Incident,
  IncidentKind,
  PastCounts,
  SpikeLimits,
  TenantId,
} from '#domain';
import { ChurnError, contains, DAY, epochMs, failureKinds, HOUR, isOfSilence, MINUTE, normsOf } from '#domain';
import type { Step } from './incident-course.js';
import { courseOf } from './incident-course.js';
import type { EventLog } from '../ports/event-log.js';
import type { Fence } from '../ports/fence.js';
import type { IncidentStore, QuarterCounts } from '../ports/incident-store.js';
import type { IncidentChange, Observer } from '../ports/observer.js';
import { publishIncidents } from '../intake/publish.js';
import { incidentIdOf } from '../sentinel/route.js';
import type { Silences } from './silences.js';

export interface IncidentWatchParts {
  readonly store: IncidentStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly limits: SpikeLimits;
  /** Left out: nobody looks for what is not heard any more. */
  readonly silences?: Silences;
}

const everyMs = MINUTE;
const recountEveryMs = 5 * MINUTE;
/** Told again when so many times as many customers are affected as were told of. */
const notableGrowth = 2;
/** Of the affected so many seen again without a spike show that it is over, should nobody be left where it was. */
const enoughCameBack = 5;
/** Without a spike for so long it is over, whoever was there. */
const longestDoubtMs = DAY;

interface Norms {
  readonly hour: EpochMs;
  /** By tenant and kind of failure; only of those known for two days. */
  readonly of: ReadonlyMap<string, (cell: Extent) => number>;
}

const keyOf = (tenant: TenantId, kind: FailureKind): string => `${tenant} ${kind}`;

/**
 * Looks once a minute whether very many customers fail at the same, or are not heard of any more, and keeps one incident for
 * each cause, from its opening to its end. All it knows is in the store: whoever takes over goes on with the same incidents.
 */
export class IncidentWatch {
  private open: readonly Incident[] | null = null;
  private owed: readonly Incident[] = [];
  private norms: Norms | null = null;
  private lookedAt = epochMs(0);
  private recountedAt = epochMs(0);
  private isFailing = false;
  private isStoring = false;

  constructor(private readonly parts: IncidentWatchParts) {}

  /** Somebody else may have looked meanwhile. */
  forget(): void {
    // Whoever looks from now on tells what is open.
    if (this.open !== null) this.parts.observer({ kind: 'incidents', open: [] });
    this.open = null;
    this.lookedAt = epochMs(0);
  }

  /**
   * `read`: everything that had arrived by then is read. What fails here is tried again a minute later and holds up nothing
   * else. Only what goes wrong with storing is thrown on: the fence does not hold any more, or nobody knows whether a row
   * was stored, for then it may still be on its way and must be fenced off before the store is read again.
   */
  async look(read: EpochMs, fence: Fence): Promise<void> {
    if (read - this.lookedAt < everyMs) return;
    const { observer } = this.parts;
    try {
      this.lookedAt = read;
      await this.lookInto(read, fence);
      if (this.isFailing) observer({ kind: 'incidents-looked-for', failure: null });
      this.isFailing = false;
    } catch (error) {
      this.open = null;
      const isRefused = error instanceof ChurnError && error.code === 'STORE_REFUSED' && !error.retryable;
      const mayBeStored = this.isStoring && !isRefused;
      this.isStoring = false;
      if (mayBeStored) throw error;
      if (!this.isFailing) observer({ kind: 'incidents-looked-for', failure: error });
      this.isFailing = true;
    }
  }

  private async lookInto(read: EpochMs, fence: Fence): Promise<void> {
    const { store, limits } = this.parts;
    if (this.open === null) {
      this.owed = await store.unpublished();
      this.open = await store.open();
    }
    await this.publishOwed();
    const counts = await store.quarters(read);
    const norms = await this.normsAt(epochMs(read - (read % HOUR)));
    const changed: Incident[] = [];
    const mayRecount = read - this.recountedAt >= recountEveryMs;
    if (mayRecount) this.recountedAt = read;
    const silences = (await this.parts.silences?.steps(read, this.open.filter(isOfSilence))) ?? [];
    for (const [tenant, step] of silences) changed.push(...(await this.follow(tenant, step)));
    for (const tenant of new Set([...counts, ...this.open].map((each) => each.tenant))) {
      const own = this.open.filter((incident) => incident.tenant === tenant && !isOfSilence(incident));
      const kinds = failureKinds.filter((kind) => norms.of.has(keyOf(tenant, kind)));
      const steps = courseOf(read, quartersOf(tenant, counts, norms, own), own, kinds, limits);
      for (const step of steps) {
        // Who came back is read from the events themselves.
        if (step.kind !== 'calms' || step.isSeen || mayRecount) changed.push(...(await this.follow(tenant, step)));
      }
    }
    for (const incident of mayRecount ? this.open : []) {
      if (!changed.some(({ id }) => id === incident.id)) changed.push(...(await this.recounted(incident)));
    }
    await this.keep(changed, fence);
  }

  private async follow(tenant: TenantId, step: Step): Promise<readonly Incident[]> {
    const { store, clock } = this.parts;
    switch (step.kind) {
      case 'opens': {
        const { extent, failing, active, norm, firstFailedAt: beganAt } = step.spike;
        const opened: Incident = {
          id: incidentIdOf(tenant, step.failures[0], extent, beganAt),
          revision: 1,
          tenant,
          kinds: step.failures,
          extent,
          state: 'open',
          beganAt,
          detectedAt: clock.now(),
          endedAt: null,
          endDetectedAt: null,
          failing,
          active,
          norm,
          affected: 0,
          valueAtRisk: 0,
          cameBack: null,
        };
        const { affected, valueAtRisk } = await store.blast(opened, null);
        return [{ ...opened, affected, valueAtRisk }];
      }
      case 'joins':
        return [await this.counted({ ...step.incident, kinds: [...step.incident.kinds, step.failure] })];
      case 'spreads':
        return [await this.counted({ ...step.incident, extent: step.extent })];
      case 'calms': {
        const { incident, since } = step;
        const { affected, valueAtRisk, cameBack, lastFailedAt } = await store.blast(
          { ...incident, endedAt: since },
          since,
        );
        const isOver =
          step.isSeen || cameBack >= enoughCameBack || clock.now() - (lastFailedAt ?? since) > longestDoubtMs;
        if (!isOver) return [];
        const end = { state: 'closed', endedAt: since, endDetectedAt: clock.now() } as const;
        return [{ ...incident, ...end, revision: incident.revision + 1, affected, valueAtRisk, cameBack }];
      }
    }
  }

  private async counted(incident: Incident): Promise<Incident> {
    const { affected, valueAtRisk } = await this.parts.store.blast(incident, null);
    return { ...incident, revision: incident.revision + 1, affected, valueAtRisk };
  }

  private async recounted(incident: Incident): Promise<readonly Incident[]> {
    const next = await this.counted(incident);
    return next.affected >= notableGrowth * incident.affected && next.affected > incident.affected ? [next] : [];
  }

  /** Stored before anybody hears of it; whatever fails from here on repeats the telling only. */
  private async keep(changed: readonly Incident[], fence: Fence): Promise<void> {
    const { store, observer } = this.parts;
    this.isStoring = changed.length > 0;
    if (this.isStoring) await store.append(changed, fence);
    this.isStoring = false;
    const others = this.open!.filter(({ id }) => !changed.some((incident) => incident.id === id));
    this.open = [...others, ...changed.filter(({ state }) => state === 'open')];
    this.owed = [...this.owed, ...changed];
    observer({ kind: 'incidents', open: this.open });
    for (const incident of changed) observer({ kind: 'incident', change: changeOf(incident), incident });
    await this.publishOwed();
  }

  private async publishOwed(): Promise<void> {
    if (this.owed.length === 0) return;
    const { log, store, clock } = this.parts;
    await publishIncidents(log, this.owed, clock.now());
    await store.markPublished(this.owed, clock.now());
    this.owed = [];
  }

  /** Worked out anew with every hour of the clock. */
  private async normsAt(hour: EpochMs): Promise<Norms> {
    if (this.norms?.hour === hour) return this.norms;
    const past = new Map<string, PastCounts[]>();
    for (const { tenant, kind, ...row } of await this.parts.store.past(hour)) {
      const key = keyOf(tenant, kind);
      const rows = past.get(key);
      if (rows) rows.push(row);
      else past.set(key, [row]);
    }
    const of = new Map<string, (cell: Extent) => number>();
    for (const [key, rows] of past) if (isKnown(rows)) of.set(key, normsOf(rows));
    this.norms = { hour, of };
    return this.norms;
  }
}

/** Somebody was there on each of the last two days: what is new has no norm yet. */
const isKnown = (past: readonly PastCounts[]): boolean =>
  [1, 2].every((ago) => past.some((row) => row.period === 'day' && row.ago === ago && row.active > 0));

const changeOf = ({ state, revision }: Incident): IncidentChange =>
  state === 'closed' ? 'closed' : revision === 1 ? 'opened' : 'updated';

function quartersOf(
  tenant: TenantId,
  counts: readonly QuarterCounts[],
  norms: Norms,
  open: readonly Incident[],
): ReadonlyMap<IncidentKind, readonly (readonly Cell[])[]> {
  const quarters = new Map<IncidentKind, Cell[][]>();
  for (const { tenant: of, kind, ago, ...count } of counts) {
    if (of !== tenant) continue;
    const own = quarters.get(kind) ?? [[], [], [], []];
    quarters.set(kind, own);
    // For as long as it is open an incident is measured by what was usual before.
    const before = open.find(({ kinds, extent }) => kinds.includes(kind) && contains(extent, count))?.norm;
    const norm = norms.of.get(keyOf(tenant, kind))?.(count) ?? before ?? 0;
    own[ago]?.push({ ...count, expected: Math.min(norm, before ?? norm) * count.active });
  }
  return quarters;
}
