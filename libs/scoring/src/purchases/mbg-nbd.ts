import { hypergeometric, logSum } from '../numeric/special-functions.js';
import { meanAge, upTo } from './bg-nbd.js';
import type { BgParameters } from './bg-nbd.js';
import type { Fit } from './fit.js';
import { fitByLikelihood } from './fit.js';
import type { PurchaseHistory } from './purchase-history.js';
import { countHistories } from './purchase-history.js';

/**
 * MBG/NBD: as BG/NBD, but one may also drop out right after the first purchase, so those who bought once are not alive by
 * definition. Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for customer base
 * analysis, Int. J. of Research in Marketing 24(3).
 */
export function fitMbgNbd(histories: readonly PurchaseHistory[]): Fit<keyof BgParameters> {
  const counted = countHistories(histories);
  const mostRepeats = counted.reduce((most, { repeats }) => Math.max(most, repeats), 0);
  return fitByLikelihood({
    model: 'MBG/NBD',
    start: { r: 1, alpha: meanAge(histories) / 4, a: 1, b: 2 },
    customers: histories.length,
    dropout: ({ a, b }) => a / (a + b),
    logLikelihood: ({ r, alpha, a, b }) => {
      const ofRate = upTo(mostRepeats, r);
      const ofStaying = upTo(mostRepeats, b);
      const ofEither = upTo(mostRepeats + 1, a + b);
      let sum = 0;
      for (const { repeats: x, lastAt, age, customers } of counted) {
        const common = ofRate[x]! + r * Math.log(alpha) + ofStaying[x]! - ofEither[x + 1]!;
        const alive = Math.log(b + x) - (r + x) * Math.log(alpha + age);
        const gone = Math.log(a) - (r + x) * Math.log(alpha + lastAt);
        sum += customers * (common + logSum(alive, gone));
      }
      return sum;
    },
  });
}

export function mbgAlive({ r, alpha, a, b }: BgParameters, { repeats: x, lastAt, age }: PurchaseHistory): number {
  return 1 / (1 + (a / (b + x)) * Math.exp((r + x) * Math.log((alpha + age) / (alpha + lastAt))));
}

/** P(no purchase in the next `horizon`), as with BG/NBD: being alive is all that differs. */
export function mbgNone(parameters: BgParameters, history: PurchaseHistory, horizon: number): number {
  const since = parameters.alpha + history.age;
  const waits = Math.exp((parameters.r + history.repeats) * Math.log(since / (since + horizon)));
  return 1 - mbgAlive(parameters, history) * (1 - waits);
}

/** E[X(t)]: repeat purchases of a newcomer within t. */
export function mbgExpected({ r, alpha, a, b }: BgParameters, t: number): number {
  const none = Math.exp(r * Math.log(alpha / (alpha + t)));
  return (b / (a - 1)) * (1 - none * hypergeometric(r, b + 1, a + b, t / (alpha + t)));
}

/** E[Y(t) | x, t_x, T]: purchases in the next t. */
export function mbgExpectedNext(parameters: BgParameters, history: PurchaseHistory, t: number): number {
  const { r, alpha, a, b } = parameters;
  const { repeats: x, age } = history;
  const since = alpha + age;
  const none = Math.exp((r + x) * Math.log(since / (since + t)));
  const series = hypergeometric(r + x, b + x + 1, a + b + x, t / (since + t));
  return ((a + b + x) / (a - 1)) * (1 - none * series) * mbgAlive(parameters, history);
}
