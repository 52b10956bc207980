import { minimise } from './minimise.js';
import { solve } from './solve.js';
import { betaShareBelow, hypergeometric, integrate, logGamma, logSum } from './special-functions.js';

describe('special functions', () => {
  it.each([
    [1, 0],
    [0.5, Math.log(Math.PI) / 2],
    [5, Math.log(24)],
    [1e-5, 11.512919692895826],
    [171, 706.573062245787],
  ])('ln Γ(%d)', (x, expected) => {
    expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected)));
  });

  it('know Gauss’s series where it is an elementary function', () => {
    // 2F1(1, 1; 2; z) = -ln(1 - z) / z and 2F1(a, b; b; z) = (1 - z)^-a.
    for (const z of [0.01, 0.5, 0.95]) {
      expect(hypergeometric(1, 1, 2, z)).toBeCloseTo(-Math.log(1 - z) / z, 11);
      expect(hypergeometric(0.3, 2, 2, z)).toBeCloseTo((1 - z) ** -0.3, 11);
    }
  });

  it('know how much of a Beta lies below', () => {
    expect(betaShareBelow(0.3, 1, 1)).toBeCloseTo(0.3, 13);
    expect(betaShareBelow(0.3, 2, 1)).toBeCloseTo(0.09, 13);
    // Of 19 throws 6 at least: the same by the binomial distribution.
    expect(betaShareBelow(0.3, 6, 14)).toBeCloseTo(0.5261, 4);
    expect(betaShareBelow(0, 6, 14)).toBe(0);
    expect(betaShareBelow(1, 6, 14)).toBe(1);
  });

  it('integrate and add what is far apart', () => {
    expect(integrate(Math.exp, 0, 2)).toBeCloseTo(Math.E ** 2 - 1, 12);
    expect(logSum(-1e5, -Infinity)).toBe(-1e5);
    expect(logSum(Math.log(2), Math.log(3))).toBeCloseTo(Math.log(5), 14);
  });
});

describe('searching', () => {
  it('finds the end of a bent valley', () => {
    const { at, value } = minimise(([x, y]) => 100 * (y! - x! * x!) ** 2 + (1 - x!) ** 2, [-1.2, 1]);
    expect(value).toBeLessThan(1e-10);
    expect(at[0]).toBeCloseTo(1, 4);
  });

  it('stays out of where there is no value', () => {
    const { at } = minimise(([x]) => (x! < 0.5 ? NaN : (x! - 0.7) ** 2), [3]);
    expect(at[0]).toBeCloseTo(0.7, 4);
  });

  it('solves, and says when there is nothing to solve', () => {
    const matrix = [
      [4, 2],
      [2, 3],
    ];
    expect(solve(matrix, [8, 8])!.map((x) => Number(x.toFixed(12)))).toEqual([1, 2]);
    expect(
      solve(
        [
          [1, 1],
          [1, 1],
        ],
        [1, 1],
      ),
    ).toBeNull();
  });
});
