import type { EpochMs, Extent, Incident, IncidentId, Spike, TenantId } from '#domain';
import { areNested, contains, epochMs, extentsAround, HOUR, MINUTE } from '#domain';
import type { CellState, Cells } from './cells.js';
import { isSilence, within } from './cells.js';
import type { Step } from './incident-course.js';

/** So long it must have been heard again, mostly, before a silence is over. */
const resumedMs = 30 * MINUTE;
/** What was kept back comes in for a while; after so long nobody waits for the rest. */
const backlogMs = HOUR;
/** Nothing that was kept back has come in for so long. */
const settledMs = 10 * MINUTE;

export type TenantStep = readonly [TenantId, Step];

interface Explained {
  readonly tenant: TenantId;
  readonly extent: Extent;
  /** Null: found just now. */
  readonly incident: Incident | null;
}

/**
 * Finds versions, platforms and channels of which nothing is heard any more though their customers should be there, and when
 * they are heard again. A whole feed that falls silent is told of by `FeedWatch`.
 */
export class Silences {
  /** Since when an open one has been heard again. */
  private readonly resumed = new Map<IncidentId, EpochMs>();

  constructor(private readonly cells: Cells) {}

  /** `open`: the silences that are. */
  async steps(read: EpochMs, open: readonly Incident[]): Promise<readonly TenantStep[]> {
    await this.cells.refresh(read);
    const vouching = this.cells.vouching(read);
    const steps: TenantStep[] = [];
    // Several feeds may tell of the same version: what one is silent about explains the other.
    const explained: Explained[] = open.map((incident) => ({ ...incident, incident }));
    for (const cell of vouching) {
      if (!cell.isNotable || explained.some((one) => one.tenant === cell.tenant && contains(one.extent, cell)))
        continue;
      const feed = vouching.filter(({ tenant, source }) => tenant === cell.tenant && source === cell.source);
      const spike = await this.spikeAround(cell, feed, read);
      if (spike === null) continue;
      const { tenant } = cell;
      const { extent } = spike;
      const part = explained.find((one) => one.tenant === tenant && areNested(one.extent, extent));
      if (part === undefined) steps.push([tenant, { kind: 'opens', failures: ['silent'], spike }]);
      else if (part.incident !== null) steps.push([tenant, { kind: 'spreads', incident: part.incident, extent }]);
      explained.push({ tenant, extent, incident: null });
    }
    for (const incident of open) {
      if (steps.some(([, step]) => step.kind === 'spreads' && step.incident.id === incident.id)) continue;
      const since = this.endOf(incident, within(vouching, incident.tenant, incident.extent), read);
      if (since !== null) steps.push([incident.tenant, { kind: 'calms', incident, since, isSeen: true }]);
    }
    return steps;
  }

  /** The busiest extent around a silent cell whose customers are missed; `feed`: all cells of its feed. */
  private async spikeAround(cell: CellState, feed: readonly CellState[], read: EpochMs): Promise<Spike | null> {
    const { tenant, source } = cell;
    for (const extent of quietExtents(cell, feed)) {
      const silent = within(feed, tenant, extent);
      const latest = (of: (one: CellState) => EpochMs): EpochMs => epochMs(Math.max(...silent.map(of)));
      const arrivedAt = latest(({ lastArrivedAt }) => lastArrivedAt);
      // Then it is the whole feed.
      if (!this.cells.isHeardSince(tenant, source, arrivedAt)) continue;
      const since = latest(({ heardUpTo }) => heardUpTo);
      const fate = await this.cells.fateOf(tenant, extent, since, read);
      if (!isSilence(fate)) continue;
      const { cohort, heard, expected } = fate;
      const counts = { failing: cohort - heard, active: cohort, norm: 1 - expected / cohort };
      return { extent, ...counts, firstFailedAt: since };
    }
    return null;
  }

  /** Since when it is over; null while it goes on. */
  private endOf(incident: Incident, cells: readonly CellState[], read: EpochMs): EpochMs | null {
    // Silent for so long that it vouches for nobody.
    if (cells.length === 0) return read;
    if (paceOf(cells.filter(({ isQuiet }) => isQuiet)) > paceOf(cells) / 2) {
      this.resumed.delete(incident.id);
      return null;
    }
    const since = this.resumed.get(incident.id) ?? read;
    this.resumed.set(incident.id, since);
    const forMs = read - since;
    const lateMs = read - Math.max(...cells.map(({ lateAt }) => lateAt));
    if (forMs < resumedMs || (lateMs < settledMs && forMs < backlogMs)) return null;
    this.resumed.delete(incident.id);
    return since;
  }
}

/** The extents that hold a cell, but no cell that is heard: the busiest first, of equals the one that names least. */
function quietExtents(cell: CellState, cells: readonly CellState[]): readonly Extent[] {
  const held = extentsAround(cell).map((extent) => ({ extent, cells: within(cells, cell.tenant, extent) }));
  return held
    .filter((one) => one.cells.every(({ isQuiet }) => isQuiet))
    .map((one) => ({ ...one, pace: paceOf(one.cells) }))
    .toSorted((a, b) => b.pace - a.pace)
    .map(({ extent }) => extent);
}

const paceOf = (cells: readonly CellState[]): number =>
  cells.reduce((sum, { eventsPerHour }) => sum + eventsPerHour, 0);
