import { hypergeometric, logGamma, logSum } from '../numeric/special-functions.js';
import type { Fit } from './fit.js';
import { fitByLikelihood } from './fit.js';
import type { PurchaseHistory } from './purchase-history.js';
import { countHistories } from './purchase-history.js';

/** Purchases: Gamma(r, alpha) over rates. Dropout after a purchase: Beta(a, b) over probabilities. */
export type BgParameters = Readonly<Record<'r' | 'alpha' | 'a' | 'b', number>>;

/**
 * BG/NBD. Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2): likelihood (6),
 * expectation (9), conditional expectation (10).
 */
export function fitBgNbd(histories: readonly PurchaseHistory[]): Fit<keyof BgParameters> {
  const counted = countHistories(histories);
  const mostRepeats = counted.reduce((most, { repeats }) => Math.max(most, repeats), 0);
  return fitByLikelihood({
    model: 'BG/NBD',
    start: { r: 1, alpha: meanAge(histories) / 4, a: 1, b: 2 },
    customers: histories.length,
    dropout: ({ a, b }) => a / (a + b),
    logLikelihood: (parameters) => {
      const { r, alpha, a, b } = parameters;
      const [ofRate, ofStaying] = [upTo(mostRepeats, r), upTo(mostRepeats, b)];
      const ofEither = upTo(mostRepeats, a + b);
      let sum = 0;
      for (const { repeats: x, lastAt, age, customers } of counted) {
        const common = ofRate[x]! + r * Math.log(alpha) + ofStaying[x]! - ofEither[x]!;
        const alive = -(r + x) * Math.log(alpha + age);
        const gone = x === 0 ? -Infinity : Math.log(a / (b + x - 1)) - (r + x) * Math.log(alpha + lastAt);
        sum += customers * (common + logSum(alive, gone));
      }
      return sum;
    },
  });
}

/** ln Γ(base + x) - ln Γ(base) for x from 0: what the likelihood asks of every customer, worked out once. */
export function upTo(most: number, base: number): Float64Array {
  const logs = new Float64Array(most + 1);
  const rises = logGamma(base);
  // Adding up logarithms would gather errors over thousands of visits.
  for (let x = 1; x <= most; x++) logs[x] = logGamma(base + x) - rises;
  return logs;
}

export const meanAge = (histories: readonly PurchaseHistory[]): number =>
  Math.max(1e-3, histories.reduce((sum, { age }) => sum + age, 0) / Math.max(1, histories.length));

/**
 * P(alive). Do not alarm on it: who has bought once is alive by definition, so it ranks those least likely to come back
 * as the safest. `noneProbability` is the one to ask.
 */
export function bgAlive({ r, alpha, a, b }: BgParameters, { repeats: x, lastAt, age }: PurchaseHistory): number {
  if (x === 0) return 1;
  return 1 / (1 + (a / (b + x - 1)) * Math.exp((r + x) * Math.log((alpha + age) / (alpha + lastAt))));
}

/**
 * P(no purchase in the next `horizon`). Alive at T, the rate is Gamma(r + x, alpha + T): of its mixture of exponentials
 * ((alpha + T) / (alpha + T + h))^(r + x) wait longer than h.
 */
export function bgNone(parameters: BgParameters, history: PurchaseHistory, horizon: number): number {
  const since = parameters.alpha + history.age;
  const waits = Math.exp((parameters.r + history.repeats) * Math.log(since / (since + horizon)));
  return 1 - bgAlive(parameters, history) * (1 - waits);
}

/** E[X(t)]: repeat purchases of a newcomer within t. */
export function bgExpected({ r, alpha, a, b }: BgParameters, t: number): number {
  const none = Math.exp(r * Math.log(alpha / (alpha + t)));
  return ((a + b - 1) / (a - 1)) * (1 - none * hypergeometric(r, b, a + b - 1, t / (alpha + t)));
}

/** E[Y(t) | x, t_x, T]: purchases in the next t. */
export function bgExpectedNext(parameters: BgParameters, history: PurchaseHistory, t: number): number {
  const { r, alpha, a, b } = parameters;
  const { repeats: x, age } = history;
  const since = alpha + age;
  const none = Math.exp((r + x) * Math.log(since / (since + t)));
  const series = hypergeometric(r + x, b + x, a + b + x - 1, t / (since + t));
  return ((a + b + x - 1) / (a - 1)) * (1 - none * series) * bgAlive(parameters, history);
}
