import type { Extent } from './incident.js';
import { areNested, contains, dimensions } from './incident.js';
import type { EpochMs } from './time.js';

/** What a quarter of an hour holds of one cell of version, platform and channel, for one kind of failure. */
export interface Cell extends Extent {
  /** Customers, each once however often they fail. */
  readonly failing: number;
  /** Customers who were there, those who failed among them. */
  readonly active: number;
  /** How many of them usually fail. */
  readonly expected: number;
  readonly firstFailedAt: EpochMs | null;
}

export interface SpikeLimits {
  /** Fewer customers than this are no incident, however strange. */
  readonly fromCustomers: number;
}

export interface Spike {
  readonly extent: Extent;
  readonly failing: number;
  readonly active: number;
  readonly norm: number;
  readonly firstFailedAt: EpochMs;
}

type Total = Omit<Cell, keyof Extent>;

/** For one who looks every minute, chance alone brings so much about once in a thousand years. */
const leastWeight = 20;
/** What naming one more dimension must bring, in the same measure: among some twenty values one looks good by chance. */
const weightOfDimension = 4;

/**
 * How much the failures speak against the share that is usual: n KL(f/n, p), in nats. By Chernoff's bound so many or more
 * come about with a probability of at most exp(-this).
 */
export function weightOf({ failing, active }: Pick<Total, 'failing' | 'active'>, norm: number): number {
  const rate = failing / active;
  if (active === 0 || rate <= norm) return 0;
  const missing = rate >= 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - norm));
  return active * (rate * Math.log(rate / norm) + missing);
}

/**
 * Many customers, at least three times the usual share (or half of those who usually would not fail), and more than chance
 * explains even if twice the share were usual: customers are not all alike, and a norm is only an estimate.
 */
export function isFarBeyond(total: Total, { fromCustomers }: SpikeLimits): boolean {
  const { failing, active, expected } = total;
  if (failing < fromCustomers || active === 0) return false;
  const norm = expected / active;
  if (failing / active < Math.min(3 * norm, (1 + norm) / 2)) return false;
  return weightOf(total, Math.min(2 * norm, (1 + 3 * norm) / 4)) >= leastWeight;
}

/** No more failures than usual, as far as one can tell. */
export const isCalm = ({ failing, expected }: Pick<Total, 'failing' | 'expected'>): boolean =>
  failing <= 1.5 * expected + 3 * Math.sqrt(expected + 1);

/** What speaks for an extent as the one that explains the failures in it. */
export const scoreOf = (total: Pick<Total, 'failing' | 'active' | 'expected'>, extent: Extent): number =>
  weightOf(total, total.expected / total.active) -
  weightOfDimension * dimensions.filter((dimension) => extent[dimension] !== '').length;

export function totalOf(cells: readonly Cell[], extent: Extent): Total {
  let [failing, active, expected] = [0, 0, 0];
  let firstFailedAt: EpochMs | null = null;
  for (const cell of cells) {
    if (!contains(extent, cell)) continue;
    failing += cell.failing;
    active += cell.active;
    expected += cell.expected;
    firstFailedAt = earlier(firstFailedAt, cell.firstFailedAt);
  }
  return { failing, active, expected, firstFailedAt };
}

// The order in which extents of the same customers are preferred.
const choices: readonly (readonly (keyof Extent)[])[] = [
  [],
  ['appVersion'],
  ['platform'],
  ['channel'],
  ['appVersion', 'platform'],
  ['appVersion', 'channel'],
  ['platform', 'channel'],
  [...dimensions],
];

const extentBy = (cell: Extent, chosen: readonly (keyof Extent)[]): Extent => ({
  appVersion: chosen.includes('appVersion') ? cell.appVersion : '',
  platform: chosen.includes('platform') ? cell.platform : '',
  channel: chosen.includes('channel') ? cell.channel : '',
});

/** All extents that hold a cell and are not everybody, in the order in which they are preferred. */
export const extentsAround = (cell: Extent): readonly Extent[] =>
  choices
    .filter((chosen) => chosen.length > 0 && chosen.every((dimension) => cell[dimension] !== ''))
    .map((chosen) => extentBy(cell, chosen));

/**
 * The extent that best explains the failures, if they are far beyond what is usual: of all combinations of the values
 * at hand the one whose weight is greatest, less a price for each dimension it names. That is the multidimensional scan
 * statistic of Neill ("Fast subset scan", JRSS B 2012; after Kulldorff, "A spatial scan statistic", 1997): too small an
 * extent leaves failures out, too large a one dilutes them. What is part of `taken` is explained already and left out, and
 * so is every extent that is nested with one of them.
 */
export function findSpike(cells: readonly Cell[], limits: SpikeLimits, taken: readonly Extent[] = []): Spike | null {
  const open = cells.filter((cell) => !taken.some((extent) => contains(extent, cell)));
  let best: { readonly spike: Spike; readonly score: number } | null = null;
  for (const chosen of choices) {
    for (const [extent, total] of totalsBy(open, chosen)) {
      if (total.firstFailedAt === null || !isFarBeyond(total, limits)) continue;
      if (taken.some((other) => areNested(other, extent))) continue;
      const { failing, active, expected, firstFailedAt } = total;
      const score = scoreOf(total, extent);
      if (best === null || score > best.score + 1e-9)
        best = { spike: { extent, failing, active, norm: expected / active, firstFailedAt }, score };
    }
  }
  return best?.spike ?? null;
}

/** What nobody knows the value of cannot be named by it. */
function totalsBy(cells: readonly Cell[], chosen: readonly (keyof Extent)[]): Iterable<readonly [Extent, Total]> {
  const totals = new Map<string, [Extent, { -readonly [K in keyof Total]: Total[K] }]>();
  for (const cell of cells) {
    if (chosen.some((dimension) => cell[dimension] === '')) continue;
    const extent = extentBy(cell, chosen);
    const key = JSON.stringify(Object.values(extent));
    const entry = totals.get(key) ?? [extent, { failing: 0, active: 0, expected: 0, firstFailedAt: null }];
    totals.set(key, entry);
    entry[1].failing += cell.failing;
    entry[1].active += cell.active;
    entry[1].expected += cell.expected;
    entry[1].firstFailedAt = earlier(entry[1].firstFailedAt, cell.firstFailedAt);
  }
  return totals.values();
}

const earlier = (a: EpochMs | null, b: EpochMs | null): EpochMs | null => (a === null || (b !== null && b < a) ? b : a);
