import { logGamma } from '../numeric/special-functions.js';
import type { Fit } from './fit.js';
import { fitByLikelihood } from './fit.js';

/** One purchase is Gamma(p, nu), and nu is Gamma(q, v) over customers. */
export type GammaGammaParameters = Readonly<Record<'p' | 'q' | 'v', number>>;

export interface Spending {
  /** Purchases that the mean is over, 1 at least. */
  readonly purchases: number;
  /** Mean amount, above 0. */
  readonly mean: number;
}

/** Gamma-Gamma model of what a purchase is worth. Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value: (1a), (5). */
export function fitGammaGamma(spendings: readonly Spending[]): Fit<keyof GammaGammaParameters> {
  const scale = spendings.reduce((sum, { mean }) => sum + mean, 0) / Math.max(1, spendings.length);
  return fitByLikelihood({
    model: 'Gamma-Gamma',
    start: { p: 2, q: 2, v: Math.max(1e-3, scale / 2) },
    customers: spendings.length,
    logLikelihood: ({ p, q, v }) => {
      const fixed = q * Math.log(v) - logGamma(q);
      let sum = 0;
      for (const { purchases: x, mean } of spendings) {
        const shape = p * x;
        sum +=
          logGamma(shape + q) -
          logGamma(shape) +
          fixed +
          (shape - 1) * Math.log(mean) +
          shape * Math.log(x) -
          (shape + q) * Math.log(x * mean + v);
      }
      return sum;
    },
  });
}

/** E[M | m, x]: a customer's true mean, between their own and everybody's. Everybody's needs q > 1. */
export const expectedSpend = ({ p, q, v }: GammaGammaParameters, { purchases: x, mean }: Spending): number =>
  (p * (v + x * mean)) / (p * x + q - 1);
