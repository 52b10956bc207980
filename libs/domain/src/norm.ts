import type { Extent } from './incident.js';

/** What a stretch of the past left behind of one cell of version, platform and channel. */
export interface PastCounts extends Extent {
  /** `day`: one of the last seven, all hours of it. `week`: the same weekday and hour, and an hour to either side, of a week before. */
  readonly period: 'day' | 'week';
  /** How many days or weeks ago, from 1. */
  readonly ago: number;
  /** Customers who failed, and who were there, counted by the quarter of an hour and added up. */
  readonly failing: number;
  readonly active: number;
}

interface Counts {
  failing: number;
  active: number;
}

/** Of customers who use something, this share fails within a quarter of an hour, as long as nothing is known. */
const priorRate = 0.01;
/** So many customers' quarters of an hour weigh as much as what is expected of them beforehand. */
const priorWeight = 500;
/** Nothing is so flawless that a few failures would be strange. */
const leastNorm = 0.0025;
/** Of days and of weeks, those with the highest rates: an incident of the past must not become the norm. */
const leftOut = 1 / 3;

/**
 * The share of the customers in a cell who usually fail within a quarter of an hour, at this weekday and hour.
 *
 * A rate is (F + m r) / (A + m): failures F and customers A of the past, drawn towards r with the weight m = 500, which is
 * the posterior mean of a binomial share under a Beta(m r, m (1 - r)) prior (empirical Bayes; Efron and Morris, "Data
 * analysis using Stein's estimator", JASA 1975). Everybody's last seven days are drawn towards 1 %, a version's, platform's,
 * channel's and cell's own towards everybody's, and each one's same weekday and hour of the weeks before towards its last
 * seven days. The highest third of the days, and of the weeks, is left out.
 *
 * A cell's norm is the greatest of these: a version that is new has that of its channel, and one that always was bad its own.
 */
export function normsOf(past: readonly PastCounts[]): (cell: Extent) => number {
  const days = new Map<string, Map<number, Counts>>();
  const weeks = new Map<string, Map<number, Counts>>();
  for (const row of past) {
    const periods = row.period === 'day' ? days : weeks;
    for (const group of groupsOf(row)) {
      const counts = periods.get(group) ?? new Map<number, Counts>();
      periods.set(group, counts);
      const sum = counts.get(row.ago) ?? { failing: 0, active: 0 };
      counts.set(row.ago, { failing: sum.failing + row.failing, active: sum.active + row.active });
    }
  }
  const overall = drawn(days.get(everyone), priorRate);
  const rates = new Map<string, number>();
  const rateOf = (group: string): number => {
    const known = rates.get(group);
    if (known !== undefined) return known;
    const rate = drawn(weeks.get(group), group === everyone ? overall : drawn(days.get(group), overall));
    rates.set(group, rate);
    return rate;
  };
  return (cell) => Math.max(leastNorm, ...groupsOf(cell).map(rateOf));
}

const everyone = 'everyone';

const groupsOf = ({ appVersion, platform, channel }: Extent): readonly string[] => [
  everyone,
  `version ${appVersion}`,
  `platform ${platform}`,
  `channel ${channel}`,
  JSON.stringify([appVersion, platform, channel]),
];

function drawn(periods: ReadonlyMap<number, Counts> | undefined, towards: number): number {
  const byRate = [...(periods?.values() ?? [])]
    .filter(({ active }) => active > 0)
    .toSorted((a, b) => a.failing / a.active - b.failing / b.active);
  const kept = byRate.slice(0, byRate.length - Math.floor(byRate.length * leftOut));
  const failing = kept.reduce((sum, counts) => sum + counts.failing, 0);
  const active = kept.reduce((sum, counts) => sum + counts.active, 0);
  return (failing + priorWeight * towards) / (active + priorWeight);
}
