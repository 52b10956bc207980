import type { EpochMs } from '#domain';
import { DAY } from '#domain';
import type { BgParameters } from '../purchases/bg-nbd.js';
import { bgNone, fitBgNbd } from '../purchases/bg-nbd.js';
import type { Fit } from '../purchases/fit.js';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { CustomerPast } from './customer-past.js';
import type { Feature } from './features.js';
import { logit } from './logistic.js';

/** Days of activity are the purchases, weeks the unit. */
export function historyOf({ firstAt, lastAt, activeDays }: CustomerPast, asOf: EpochMs): PurchaseHistory {
  const day = (instant: number): number => Math.floor(instant / DAY);
  const weeks = (to: number): number => (day(to) - day(firstAt)) / 7;
  return { repeats: activeDays - 1, lastAt: weeks(lastAt), age: weeks(asOf) };
}

/** Four parameters are known well enough from so many. */
const mostFitted = 3_000;

export function fitBuying(pasts: readonly CustomerPast[], asOf: EpochMs): Fit<keyof BgParameters> {
  const every = Math.max(1, Math.ceil(pasts.length / mostFitted));
  return fitBgNbd(pasts.filter((_, i) => i % every === 0).map((past) => historyOf(past, asOf)));
}

export const noneByBuying = (parameters: BgParameters, past: CustomerPast, asOf: EpochMs, horizonMs: number): number =>
  bgNone(parameters, historyOf(past, asOf), horizonMs / (7 * DAY));

/** Theory is never surer than so: its log odds would have no end. */
export const leastChance = 1e-6;

/** What theory makes of count, recency and age, for the regression to weigh beside what it sees itself. */
export const buyingFeature = (parameters: BgParameters, periodMs: number): Feature => ({
  name: 'BG/NBD',
  of: (past, asOf) =>
    logit(Math.min(1 - leastChance, Math.max(leastChance, noneByBuying(parameters, past, asOf, periodMs)))),
});
