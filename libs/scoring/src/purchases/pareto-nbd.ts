import { integrate } from '../numeric/special-functions.js';
import { meanAge, upTo } from './bg-nbd.js';
import type { Fit } from './fit.js';
import { fitByLikelihood } from './fit.js';
import type { PurchaseHistory } from './purchase-history.js';
import { countHistories } from './purchase-history.js';

/** Purchases: Gamma(r, alpha) over rates. Dropout at any time: Gamma(s, beta) over rates. */
export type ParetoParameters = Readonly<Record<'r' | 'alpha' | 's' | 'beta', number>>;

/**
 * Pareto/NBD. Schmittlein, Morrison & Colombo (1987), Counting Your Customers: Who Are They and What Will They Do Next?,
 * Management Science 33(1). The part of the likelihood in which the customer has left is the integral over the instant of
 * leaving, before it was brought to hypergeometric functions: by quadrature nothing cancels, whatever x.
 */
export function fitParetoNbd(histories: readonly PurchaseHistory[]): Fit<keyof ParetoParameters> {
  const counted = countHistories(histories);
  const mostRepeats = counted.reduce((most, { repeats }) => Math.max(most, repeats), 0);
  return fitByLikelihood({
    model: 'Pareto/NBD',
    start: { r: 1, alpha: meanAge(histories) / 4, s: 1, beta: meanAge(histories) / 2 },
    customers: histories.length,
    logLikelihood: (parameters) => {
      const { r, alpha, s, beta } = parameters;
      const ofRate = upTo(mostRepeats, r);
      let sum = 0;
      for (const history of counted) {
        const { repeats: x, age } = history;
        const alive = -(r + x) * Math.log(alpha + age) - s * Math.log(beta + age);
        const part = alive + Math.log1p(goneToAlive(parameters, history));
        sum += history.customers * (ofRate[x]! + r * Math.log(alpha) + s * Math.log(beta) + part);
      }
      return sum;
    },
  });
}

/** The likelihood of having left between t_x and T, as a multiple of that of being there still. */
function goneToAlive({ r, alpha, s, beta }: ParetoParameters, { repeats: x, lastAt, age }: PurchaseHistory): number {
  const [rate, leaving] = [r + x, s + 1];
  // In the logarithm of alpha + y what falls by powers becomes what falls evenly.
  return integrate(
    (v) => {
      const atY = Math.exp(v);
      const y = atY - alpha;
      const fall = rate * (Math.log(alpha + age) - v) + leaving * Math.log((beta + age) / (beta + y));
      return (s * atY * Math.exp(fall)) / (beta + age);
    },
    Math.log(alpha + lastAt),
    Math.log(alpha + age),
  );
}

export const paretoAlive = (parameters: ParetoParameters, history: PurchaseHistory): number =>
  1 / (1 + goneToAlive(parameters, history));

/**
 * P(no purchase in the next `horizon`). Alive at T both rates are Gamma, so the first purchase comes at y, before leaving, at
 * density (r + x) (alpha + T)^(r + x) / (alpha + T + y)^(r + x + 1) times ((beta + T) / (beta + T + y))^s.
 */
export function paretoNone(parameters: ParetoParameters, history: PurchaseHistory, horizon: number): number {
  const { r, alpha, s, beta } = parameters;
  const [rate, since, left] = [r + history.repeats, alpha + history.age, beta + history.age];
  const some = integrate(
    (v) => {
      const y = since * Math.expm1(v);
      return rate * Math.exp(-rate * v - s * Math.log1p(y / left));
    },
    0,
    Math.log1p(horizon / since),
  );
  return 1 - paretoAlive(parameters, history) * some;
}

/** E[X(t)]: repeat purchases of a newcomer within t. */
export const paretoExpected = ({ r, alpha, s, beta }: ParetoParameters, t: number): number =>
  ((r * beta) / (alpha * (s - 1))) * -Math.expm1((s - 1) * Math.log(beta / (beta + t)));

/** E[Y(t) | x, t_x, T]: purchases in the next t. */
export function paretoExpectedNext(parameters: ParetoParameters, history: PurchaseHistory, t: number): number {
  const { r, alpha, s, beta } = parameters;
  const left = beta + history.age;
  const perRate = ((r + history.repeats) * left) / ((alpha + history.age) * (s - 1));
  return perRate * -Math.expm1((s - 1) * Math.log(left / (left + t))) * paretoAlive(parameters, history);
}
