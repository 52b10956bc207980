import type { EpochMs, Extent, Incident, IncidentId, TenantId } from '#domain';
import { areNested, contains, dimensions, epochMs, HOUR, MINUTE } from '#domain';
import type { CellState, Cells } from './cells.js';
import { isSilence, within } from './cells.js';
import { groupBy } from './group-by.js';
import type { Step } from './incident-course.js';

/** So long it must have been heard again, mostly, before a silence is over. */
const resumedMs = 30 * MINUTE;
/** What was kept back comes in for a while; after so long nobody waits for the rest. */
const backlogMs = HOUR;
/** Nothing that was kept back has come in for so long. */
const settledMs = 10 * MINUTE;

export type TenantStep = readonly [TenantId, Step];

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
    const known = [...open];
    for (const own of groupBy(vouching, ({ tenant, source }) => `${tenant} ${source}`).values()) {
      for (const step of await this.beginnings(own, known, read)) {
        steps.push(step);
        if (step[1].kind === 'opens') known.push({ tenant: step[0], extent: step[1].spike.extent } as Incident);
      }
    }
    for (const incident of open) {
      const since = this.endOf(incident, within(vouching, incident.tenant, incident.extent), read);
      const isWider = steps.some(([, step]) => step.kind === 'spreads' && step.incident.id === incident.id);
      if (since !== null && !isWider) steps.push([incident.tenant, { kind: 'calms', incident, since, isSeen: true }]);
    }
    return steps;
  }

  /** Of the cells of one feed. */
  private async beginnings(
    cells: readonly CellState[],
    open: readonly Incident[],
    read: EpochMs,
  ): Promise<readonly TenantStep[]> {
    const steps: TenantStep[] = [];
    const explained: Extent[] = open.filter(({ tenant }) => tenant === cells[0]!.tenant).map(({ extent }) => extent);
    for (const cell of cells) {
      if (!cell.isNotable || explained.some((extent) => contains(extent, cell))) continue;
      const { tenant, source } = cell;
      for (const extent of quietExtents(cell, cells)) {
        const silent = within(cells, tenant, extent);
        const since = epochMs(Math.max(...silent.map(({ heardUpTo }) => heardUpTo)));
        const arrived = epochMs(Math.max(...silent.map(({ lastArrivedAt }) => lastArrivedAt)));
        // Then it is the whole feed.
        if (!this.cells.isHeardSince(tenant, source, arrived)) continue;
        const fate = await this.cells.fateOf(tenant, extent, since, read);
        if (!isSilence(fate)) continue;
        const part = open.find((one) => one.tenant === tenant && areNested(one.extent, extent));
        explained.push(extent);
        if (part?.id !== undefined) steps.push([tenant, { kind: 'spreads', incident: part, extent }]);
        else {
          const { cohort, heard, expected } = fate;
          const spike = {
            extent,
            failing: cohort - heard,
            active: cohort,
            norm: 1 - expected / cohort,
            firstFailedAt: since,
          };
          steps.push([tenant, { kind: 'opens', failures: ['silent'], spike }]);
        }
        break;
      }
    }
    return steps;
  }

  /** Since when it is over; null while it goes on. */
  private endOf(incident: Incident, cells: readonly CellState[], read: EpochMs): EpochMs | null {
    // Silent for so long that it vouches for nobody.
    if (cells.length === 0) return read;
    const pace = (some: readonly CellState[]): number =>
      some.reduce((sum, { eventsPerHour }) => sum + eventsPerHour, 0);
    if (pace(cells.filter(({ isQuiet }) => isQuiet)) > pace(cells) / 2) {
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
  const extents = Array.from(
    { length: 2 ** dimensions.length - 1 },
    (_, chosen): Extent & { pace: number; named: number } => {
      const named = dimensions.filter(
        (dimension, index) => ((chosen + 1) >> index) % 2 === 1 && cell[dimension] !== '',
      );
      const value = (dimension: keyof Extent): string => (named.includes(dimension) ? cell[dimension] : '');
      const extent = { appVersion: value('appVersion'), platform: value('platform'), channel: value('channel') };
      const held = within(cells, cell.tenant, extent);
      const pace = held.every(({ isQuiet }) => isQuiet) ? held.reduce((sum, one) => sum + one.eventsPerHour, 0) : 0;
      return { ...extent, pace, named: named.length };
    },
  );
  return extents
    .filter(({ pace, named }) => pace > 0 && named > 0)
    .toSorted((a, b) => b.pace - a.pace || a.named - b.named)
    .map(({ appVersion, platform, channel }) => ({ appVersion, platform, channel }));
}
