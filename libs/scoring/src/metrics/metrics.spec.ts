import { interval, redraw, seeded } from './bootstrap.js';
import { expectedMaximumProfit } from './profit.js';
import { calibration, precisionAt, qualityOf, Ranking } from './quality.js';

const scored = (...pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([score, label]) => ({ score, label: label === 1 }));

describe('the quality of a ranking', () => {
  it('is counted in pairs, ties by halves', () => {
    expect(qualityOf(scored([0.9, 1], [0.8, 0], [0.7, 1], [0.1, 0])).auc).toBe(0.75);
    expect(qualityOf(scored([0.5, 1], [0.5, 0], [0.5, 0])).auc).toBe(0.5);
    expect(qualityOf(scored([0.5, 1])).auc).toBeNaN();
  });

  it('does not depend on the order in which equals come', () => {
    const few = scored([0.9, 1], [0.5, 0], [0.5, 1], [0.5, 0], [0.1, 0]);
    expect(qualityOf(few)).toEqual(qualityOf(few.toReversed()));
    expect(qualityOf(few).averagePrecision).toBeCloseTo((1 + 2 / 4) / 2, 14);
    // The second place is one of three equals, of whom one is lost.
    expect(precisionAt(few, 2)).toBeCloseTo((1 + 1 / 3) / 2, 14);
    expect(qualityOf(few, 0.2).lift).toBeCloseTo(1 / (2 / 5), 14);
  });

  it('holds probabilities against what came', () => {
    const told = scored([0.25, 0], [0.25, 0], [0.25, 0], [0.25, 1], [0.95, 1]);
    const { brier, ece } = qualityOf(told);
    expect(brier).toBeCloseTo((3 * 0.0625 + 0.5625 + 0.0025) / 5, 14);
    expect(ece).toBeCloseTo(0.05 / 5, 14);
    expect(calibration(told).filter(({ customers }) => customers > 0)).toEqual([
      { from: 0.2, to: 0.3, customers: 4, foretold: 0.25, came: 0.25 },
      { from: 0.9, to: 1, customers: 1, foretold: 0.95, came: 1 },
    ]);
  });
});

describe('intervals', () => {
  it('grow when rows are of the same few customers', () => {
    const random = seeded(3);
    const rows = Array.from({ length: 100 }, () => {
      const score = random();
      return { score, label: random() < score };
    });
    const tenfold = Array.from({ length: 1_000 }, (_, i) => rows[Math.floor(i / 10)]!);
    const width = (customers: readonly number[]): number => {
      const aucs = redraw([new Ranking(tenfold)], customers)[0]!.map(({ auc }) => auc);
      const { low, high } = interval(aucs)!;
      expect(low).toBeLessThan(qualityOf(rows).auc);
      expect(high).toBeGreaterThan(qualityOf(rows).auc);
      return high - low;
    };
    const each = width(tenfold.map((_, i) => i));
    expect(width(tenfold.map((_, i) => Math.floor(i / 10)))).toBeGreaterThan(2 * each);
    expect(interval([NaN])).toBeNull();
  });
});

describe('a campaign’s profit', () => {
  it('is nothing from a worthless ranking when contacting costs more than it keeps', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => ({ score: 1, label: i % 100 === 0 }));
    const { perCustomer, share } = expectedMaximumProfit(many);
    expect(perCustomer).toBeLessThan(0.01);
    expect(share).toBeLessThan(0.05);
  });

  it('equals a sum over a fine grid of chances to take the offer', () => {
    const random = seeded(5);
    const base = Array.from({ length: 300 }, () => {
      const score = random();
      return { score, label: random() < score * 0.6 };
    });
    const sorted = base.toSorted((a, b) => b.score - a.score);
    const [steps, alpha, beta] = [2_000, 6, 14];
    let [sum, weights] = [0, 0];
    for (let s = 0; s < steps; s++) {
      const taking = (s + 0.5) / steps;
      const weight = taking ** (alpha - 1) * (1 - taking) ** (beta - 1);
      let [best, earned] = [0, 0];
      for (const { label } of sorted) {
        earned += (label ? 200 * (taking * 0.95 - 0.005) : -11) / base.length;
        best = Math.max(best, earned);
      }
      sum += weight * best;
      weights += weight;
    }
    expect(expectedMaximumProfit(base).perCustomer).toBeCloseTo(sum / weights, 3);
  });
});
