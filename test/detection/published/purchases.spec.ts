import type { Fit, PurchaseHistory } from '#scoring';
import {
  bgAlive,
  bgExpected,
  bgExpectedNext,
  bgNone,
  fitBgNbd,
  fitGammaGamma,
  fitMbgNbd,
  fitParetoNbd,
  mbgExpectedNext,
  paretoAlive,
  paretoExpectedNext,
  qualityOf,
} from '#scoring';
import { cdnowCustomers } from '../../support/cdnow.js';

const customers = cdnowCustomers('1997-09-30');
const histories = customers.map(({ history }) => history);
const customer1 = { repeats: 2, lastAt: 30.43, age: 38.86 };

function fitted<Name extends string>(fit: Fit<Name>) {
  if (fit.kind === 'fitted') return fit;
  throw new Error(fit.detail);
}
const rounded = (parameters: Readonly<Record<string, number>>, digits = 3): Record<string, number> =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, Number(value.toFixed(digits))]));
const nextYear = (expected: (history: PurchaseHistory) => number): number =>
  Math.round(histories.reduce((sum, history) => sum + expected(history), 0));

describe('the CDNOW sample up to 1997-09-30, in weeks', () => {
  it('holds what the papers counted', () => {
    expect(customers).toHaveLength(2_357);
    expect(customers.reduce((sum, { bought }) => sum + bought, 0)).toBe(1_882);
    expect(customers.filter(({ bought }) => bought > 0)).toHaveLength(684);
  });

  describe('BG/NBD', () => {
    const { parameters, logLikelihood } = fitted(fitBgNbd(histories));

    it('has the published parameters and likelihood', () => {
      expect(rounded(parameters)).toEqual({ r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 });
      expect(logLikelihood).toBeCloseTo(-9582.429, 2);
    });

    it.each([
      [1 / 7, '0.0078'],
      [1, '0.0532'],
      [3, '0.1506'],
      [31.8571, '1.0405'],
      [32, '1.0437'],
      [78, '1.8580'],
    ])('expects in %d weeks %s repeat purchases of a newcomer', (weeks, expected) => {
      expect(bgExpected(parameters, weeks).toFixed(4)).toBe(expected);
    });

    it('says the published of customer 1 and of all', () => {
      expect(bgExpectedNext(parameters, customer1, 39).toFixed(3)).toBe('1.226');
      expect(bgAlive(parameters, customer1).toFixed(4)).toBe('0.7266');
      expect(nextYear((history) => bgExpectedNext(parameters, history, 39))).toBe(1_653);
    });

    it('ranks who stays away by the chance of no purchase, and not by the chance of being alive', () => {
      const scored = (score: (history: PurchaseHistory) => number) =>
        customers.map(({ history, bought }) => ({ score: score(history), label: bought === 0 }));
      expect(qualityOf(scored((history) => bgNone(parameters, history, 39))).auc.toFixed(3)).toBe('0.757');
      expect(qualityOf(scored((history) => 1 - bgAlive(parameters, history))).auc).toBeLessThan(0.5);
    });
  });

  it('MBG/NBD has the published figures', () => {
    const { parameters, logLikelihood } = fitted(fitMbgNbd(histories));
    expect(rounded(parameters)).toEqual({ r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 });
    expect(logLikelihood).toBeCloseTo(-9582.136, 2);
    expect(nextYear((history) => mbgExpectedNext(parameters, history, 39))).toBe(1_577);
  });

  it('Pareto/NBD has the published figures', () => {
    const { parameters, logLikelihood } = fitted(fitParetoNbd(histories));
    expect(rounded(parameters)).toEqual({ r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 });
    expect(logLikelihood).toBeCloseTo(-9594.976, 2);
    expect(paretoExpectedNext(parameters, customer1, 39).toFixed(3)).toBe('1.455');
    expect(paretoAlive(parameters, customer1).toFixed(4)).toBe('0.8691');
    expect(paretoExpectedNext(parameters, { repeats: 26, lastAt: 30.86, age: 31 }, 52).toFixed(2)).toBe('25.46');
    expect(nextYear((history) => paretoExpectedNext(parameters, history, 39))).toBe(1_666);
  });

  it('Gamma-Gamma has the published figures', () => {
    const spendings = customers.flatMap(({ spending }) => (spending === null ? [] : [spending]));
    expect(spendings).toHaveLength(946);
    const { parameters, logLikelihood } = fitted(fitGammaGamma(spendings));
    expect(rounded(parameters, 2)).toEqual({ p: 6.25, q: 3.74, v: 15.44 });
    expect(logLikelihood).toBeCloseTo(-4055.918, 2);
  });
});
