import type { EpochMs } from '#domain';
import { DAY } from '#domain';
import type { CustomerPast, Pace } from './customer-past.js';
import { shrunkenGap, windowDays } from './customer-past.js';

/** A closed list: stored models name them, and a store has an expression for each. */
export type FeatureName =
  | 'BG/NBD'
  | 'silence'
  | 'active days'
  | 'silence / own gap'
  | 'own gap'
  | 'silence / longest gap'
  | 'tenure'
  | 'came once'
  | `active days in window ${1 | 2 | 3 | 4 | 5}`
  | 'events per active day'
  | 'amount per active day'
  | 'trend of active days, short'
  | 'trend of active days, long'
  | 'trend of events'
  | 'trend of amounts'
  | 'frictions';

/** One number read from a customer's past. */
export interface Feature {
  readonly name: FeatureName;
  readonly of: (past: CustomerPast, asOf: EpochMs, pace: Pace) => number;
}

const silentDays = ({ lastAt }: CustomerPast, asOf: EpochMs): number => Math.max(0, asOf - lastAt) / DAY;
const tenureDays = ({ firstAt }: CustomerPast, asOf: EpochMs): number => Math.max(0, asOf - firstAt) / DAY;
/** Logarithm of how much more there was per day in one window than in another, a little of the same added to both. */
const trend = (a: number, b: number, aDays: number, bDays: number, little: number): number =>
  Math.log((a + little) / aDays) - Math.log((b + (little * bDays) / aDays) / bDays);

/** Doubles that add up to nothing seldom do so to the last digit: so little counts as no amount at all. */
export const leastAmount = 1e-6;
const usualAmount = ({ amount, activeDays }: CustomerPast): number => {
  const usual = Math.abs(amount) / Math.max(1, activeDays);
  return usual < leastAmount ? 1 : usual;
};

type WindowFigure = 'activeDays' | 'events' | 'amount' | 'frictions';
const inWindow = (past: CustomerPast, window: number, figure: WindowFigure): number => past.windows[window]![figure];
const trendOf = (name: FeatureName, figure: WindowFigure, recent: number, earlier: number): Feature => ({
  name,
  of: (past, asOf, pace) => {
    // Whoever came a week ago was not there for twelve: their trend is over the days they had.
    const lived = Math.max(1, tenureDays(past, asOf));
    const [a, b] = [recent, earlier].map((window) => Math.min(lived, windowDays[window]! * pace.stretch)) as [
      number,
      number,
    ];
    const little = figure === 'amount' ? usualAmount(past) : 0.5;
    return trend(
      Math.max(0, inWindow(past, recent, figure)),
      Math.max(0, inWindow(past, earlier, figure)),
      a,
      b,
      little,
    );
  },
});
const daysIn = (window: number): Feature => ({
  name: `active days in window ${(window + 1) as 1 | 2 | 3 | 4 | 5}`,
  of: (past) => Math.log1p(inWindow(past, window, 'activeDays')),
});

/** Where there is little to learn from: how long silent, how often there, how long silent for the own rhythm. */
export const fewFeatures: readonly Feature[] = [
  { name: 'silence', of: (past, asOf) => Math.log1p(silentDays(past, asOf)) },
  { name: 'active days', of: ({ activeDays }) => Math.log(Math.max(1, activeDays)) },
  { name: 'silence / own gap', of: (past, asOf, pace) => Math.log1p(silentDays(past, asOf) / shrunkenGap(past, pace)) },
];

export const allFeatures: readonly Feature[] = [
  ...fewFeatures,
  { name: 'own gap', of: (past, _, pace) => Math.log(shrunkenGap(past, pace)) },
  {
    name: 'silence / longest gap',
    of: (past, asOf, pace) =>
      Math.log1p(silentDays(past, asOf)) - Math.log1p(Math.max(past.longestGapDays, shrunkenGap(past, pace))),
  },
  { name: 'tenure', of: (past, asOf) => Math.log1p(tenureDays(past, asOf)) },
  { name: 'came once', of: ({ activeDays }) => Number(activeDays <= 1) },
  ...windowDays.map((_, window) => daysIn(window)),
  { name: 'events per active day', of: ({ events, activeDays }) => Math.log(events / Math.max(1, activeDays)) },
  {
    name: 'amount per active day',
    of: ({ amount, activeDays }) => Math.log1p(Math.max(0, amount) / Math.max(1, activeDays)),
  },
  trendOf('trend of active days, short', 'activeDays', 1, 3),
  trendOf('trend of active days, long', 'activeDays', 2, 4),
  trendOf('trend of events', 'events', 1, 3),
  trendOf('trend of amounts', 'amount', 2, 4),
  { name: 'frictions', of: (past) => Math.log1p(inWindow(past, 2, 'frictions')) },
];

/**
 * All features want five of the rarer label for each, counted in customers and not in their rows: from there on a logistic
 * regression holds (Vittinghoff & McCulloch 2007), and ours has a penalty besides. `theory` is what a model of buying
 * foretells, where it describes the data; among few features it stands for the plain silence.
 */
export function featuresFor(rarerCustomers: number, theory: Feature | null): readonly Feature[] {
  const base = rarerCustomers >= 5 * (allFeatures.length + 1) ? allFeatures : fewFeatures;
  if (theory === null) return base;
  return [theory, ...(base === fewFeatures ? fewFeatures.slice(1) : base)];
}
