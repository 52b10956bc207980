import type { Cell, EpochMs, Extent, Incident, IncidentKind, Spike, SpikeLimits } from '#domain';
import { contains, epochMs, findSpike, HOUR, isCalm, MINUTE, scoreOf, totalOf } from '#domain';

export const bucketMs = 5 * MINUTE;
export const quarterMs = 15 * MINUTE;

/** The last hour's cells by kind of failure, in quarters of an hour, the newest first. */
export type Quarters = ReadonlyMap<IncidentKind, readonly (readonly Cell[])[]>;

/** What a look at the counts comes to. */
export type Step =
  | { readonly kind: 'opens'; readonly failures: readonly [IncidentKind, ...IncidentKind[]]; readonly spike: Spike }
  /** The same customers fail at something else as well: one cause, one incident. */
  | { readonly kind: 'joins'; readonly incident: Incident; readonly failure: IncidentKind }
  /** By now other customers explain the failures better. */
  | { readonly kind: 'spreads'; readonly incident: Incident; readonly extent: Extent }
  /** All has been as usual since then. `isSeen`: so many were there that it would have shown if it were not over. */
  | { readonly kind: 'calms'; readonly incident: Incident; readonly since: EpochMs; readonly isSeen: boolean };

/** So long after it was found an incident may turn out to be smaller; larger at any time. */
const unsettledMs = HOUR;
/** What another extent must have ahead. */
const clearlyBetter = 8;
/** Of an incident's failures so many lie in another extent that has the same cause. */
const sameCause = 0.7;
/** Quarters of an hour without a spike, before it is believed to be over. */
const calmQuarters = 2;
/** Failures that would have been seen if the incident went on: none of five comes about by chance once in 150 times. */
const expectedToShow = 5;

/** The end of the five minutes that an instant falls into. */
export const bucketEnd = (at: EpochMs): EpochMs => epochMs(at - (at % bucketMs) + bucketMs);

/** Pure: one tenant's counts and open incidents in, what changes out. `kinds`: those known for long enough to have a norm. */
export function courseOf(
  read: EpochMs,
  quarters: Quarters,
  open: readonly Incident[],
  kinds: readonly IncidentKind[],
  limits: SpikeLimits,
): readonly Step[] {
  const steps = open.flatMap((incident): readonly Step[] => {
    // What has no norm now, as after a week that was nothing but incident, is measured by its own from before only.
    const extent = kinds.includes(incident.kinds[0]) ? spreadOf(incident, read, quarters, open, limits) : null;
    return extent === null ? calmOf(incident, read, quarters) : [{ kind: 'spreads', incident, extent }];
  });
  const opens: Extract<Step, { kind: 'opens' }>[] = [];
  for (const failure of kinds) {
    const taken = open.filter((incident) => incident.kinds.includes(failure)).map(({ extent }) => extent);
    const spike = findSpike(cellsOf(quarters, failure, 0), limits, taken);
    if (spike === null) continue;
    const known = open.find(({ extent }) => isSame(extent, spike.extent));
    const found = opens.findIndex((step) => isSame(step.spike.extent, spike.extent));
    // What changes already is looked at again in a minute.
    if (known && steps.some((step) => 'incident' in step && step.incident.id === known.id)) continue;
    if (known) steps.push({ kind: 'joins', incident: known, failure });
    else if (found >= 0) opens[found] = { ...opens[found]!, failures: [...opens[found]!.failures, failure] };
    else opens.push({ kind: 'opens', failures: [failure], spike });
  }
  return [...steps, ...opens];
}

const isSame = (a: Extent, b: Extent): boolean => contains(a, b) && contains(b, a);

const cellsOf = (quarters: Quarters, failure: IncidentKind, ago: number): readonly Cell[] =>
  quarters.get(failure)?.[ago] ?? [];

function spreadOf(
  incident: Incident,
  read: EpochMs,
  quarters: Quarters,
  open: readonly Incident[],
  limits: SpikeLimits,
): Extent | null {
  const [failure] = incident.kinds;
  const cells = cellsOf(quarters, failure, 0);
  const others = open.filter(({ id, kinds }) => id !== incident.id && kinds.includes(failure));
  const spike = findSpike(
    cells,
    limits,
    others.map(({ extent }) => extent),
  );
  if (spike === null) return null;
  const { extent } = spike;
  if (isSame(extent, incident.extent)) return null;
  if (!contains(extent, incident.extent) && read - incident.detectedAt > unsettledMs) return null;
  const own = totalOf(cells, incident.extent);
  const shared = totalOf(
    cells.filter((cell) => contains(incident.extent, cell)),
    extent,
  );
  if (shared.failing < sameCause * own.failing || !isHit(cells, extent, incident.extent, spike)) return null;
  const better = scoreOf({ ...spike, expected: spike.norm * spike.active }, extent) - scoreOf(own, incident.extent);
  return better > clearlyBetter ? extent : null;
}

/** Of those who would be added, fewer than half are in cells that are as usual and would show it if they were hit alike. */
function isHit(cells: readonly Cell[], extent: Extent, known: Extent, spike: Spike): boolean {
  const added = cells.filter((cell) => contains(extent, cell) && !contains(known, cell));
  const isSpared = (cell: Cell): boolean =>
    isCalm(cell) && cell.active * (spike.failing / spike.active) >= expectedToShow;
  const activeIn = (some: readonly Cell[]): number => some.reduce((sum, { active }) => sum + active, 0);
  return activeIn(added.filter(isSpared)) <= activeIn(added) / 2;
}

function calmOf(incident: Incident, read: EpochMs, quarters: Quarters): readonly Step[] {
  let calm = 0;
  let active = 0;
  for (; calm < 4; calm++) {
    const totals = incident.kinds.map((failure) => totalOf(cellsOf(quarters, failure, calm), incident.extent));
    if (!totals.every(isCalm)) break;
    active += Math.max(...totals.map((total) => total.active));
  }
  if (calm < calmQuarters) return [];
  const since = epochMs(Math.max(incident.beganAt, bucketEnd(read) - calm * quarterMs));
  const isSeen = active * (incident.failing / incident.active) >= expectedToShow;
  return [{ kind: 'calms', incident, since, isSeen }];
}
