import { betaShareBelow } from '../numeric/special-functions.js';
import type { Scored } from './quality.js';

/** Money is in one currency throughout. */
export interface Campaign {
  /** What a kept customer is worth. */
  readonly lifetimeValue: number;
  /** What the offer costs when it is taken. */
  readonly offer: number;
  readonly contact: number;
  /** How likely somebody who would leave takes the offer: Beta(alpha, beta). */
  readonly taking: { readonly alpha: number; readonly beta: number };
}

export const usualCampaign: Campaign = { lifetimeValue: 200, offer: 10, contact: 1, taking: { alpha: 6, beta: 14 } };

export interface MaximumProfit {
  /** For each customer of the base. */
  readonly perCustomer: number;
  /** How much of the base to contact for it. */
  readonly share: number;
}

interface Corner {
  /** Contacted so far, as shares of those who leave and of those who stay. */
  readonly leaving: number;
  readonly staying: number;
}

/**
 * Expected maximum profit of a retention campaign. Verbraken, Verbeke & Baesens (2013), A Novel Profit Maximizing Metric for
 * Measuring Classification Performance of Customer Churn Prediction Models, IEEE TKDE 25(5): equations 4, 8 and 12. For each
 * chance of taking the offer the best place to stop is a corner of the ROC curve's hull, so the integral is a sum over its
 * sides of incomplete beta functions: exact, without a grid.
 */
export function expectedMaximumProfit(scored: readonly Scored[], campaign: Campaign = usualCampaign): MaximumProfit {
  const { lifetimeValue, offer, contact, taking } = campaign;
  const [delta, phi] = [offer / lifetimeValue, contact / lifetimeValue];
  const lost = scored.filter(({ label }) => label).length;
  const leavingShare = lost / scored.length;
  const stayingShare = 1 - leavingShare;
  const corners = hullOf(scored, lost);
  const below = (x: number): number => betaShareBelow(x, taking.alpha, taking.beta);
  // Of x times the density the integral is the mean times that of a Beta one richer.
  const meanTaking = taking.alpha / (taking.alpha + taking.beta);
  const weighedBelow = (x: number): number => meanTaking * betaShareBelow(x, taking.alpha + 1, taking.beta);
  let [profit, share] = [0, 0];
  let from = 0;
  for (const [i, { leaving, staying }] of corners.entries()) {
    const next = corners[i + 1];
    // The chance of taking from which the next corner earns more than this one.
    const cost =
      next === undefined
        ? Infinity
        : (stayingShare * (delta + phi) * (next.staying - staying)) / (leavingShare * (next.leaving - leaving));
    const to = Math.min(1, Math.max(from, (cost + phi) / (1 - delta)));
    const [chances, takings] = [below(to) - below(from), weighedBelow(to) - weighedBelow(from)];
    const earned = leavingShare * leaving * ((1 - delta) * takings - phi * chances);
    profit += lifetimeValue * (earned - stayingShare * staying * (delta + phi) * chances);
    share += (leavingShare * leaving + stayingShare * staying) * chances;
    from = to;
  }
  return { perCustomer: profit, share };
}

/** The upper hull of the ROC curve, from nobody to everybody. */
function hullOf(scored: readonly Scored[], lost: number): readonly Corner[] {
  const sorted = scored.toSorted((a, b) => b.score - a.score);
  const hull: Corner[] = [{ leaving: 0, staying: 0 }];
  let [leaving, staying] = [0, 0];
  for (const [i, { score, label }] of sorted.entries()) {
    if (label) leaving += 1 / lost;
    else staying += 1 / (sorted.length - lost);
    if (sorted[i + 1]?.score === score) continue;
    const corner = { leaving, staying };
    while (hull.length > 1 && !turnsDown(hull.at(-2)!, hull.at(-1)!, corner)) hull.pop();
    hull.push(corner);
  }
  return hull;
}

const turnsDown = (a: Corner, b: Corner, c: Corner): boolean =>
  (b.leaving - a.leaving) * (c.staying - b.staying) > (c.leaving - b.leaving) * (b.staying - a.staying);
