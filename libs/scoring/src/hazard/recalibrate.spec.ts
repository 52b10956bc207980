import { seeded } from '../metrics/bootstrap.js';
import type { Example } from './logistic.js';
import { chance, fitLogistic, predict } from './logistic.js';
import { recalibrate } from './recalibrate.js';

const random = seeded(2);
const made = (count: number, intercept: number): readonly Example[] =>
  Array.from({ length: count }, () => {
    const x = 4 * random() - 2;
    return { features: [x], label: random() < chance(intercept + x) };
  });

describe('recalibration', () => {
  const model = fitLogistic(made(4_000, -1))!;

  it('leaves a model alone that the newest labels do not refute', () => {
    expect(recalibrate(model, model, made(1_000, -1))).toEqual({ model, shift: 0 });
  });

  it('moves the intercept, and nothing else, until as many are foretold as came', () => {
    const newest = made(1_000, 0.5);
    const { model: moved, shift } = recalibrate(model, model, newest);
    expect(Math.abs(shift - 1.5)).toBeLessThan(0.2);
    expect(moved).toEqual({ ...model, intercept: model.intercept + shift });
    const told = newest.reduce((sum, { features }) => sum + predict(moved, features), 0);
    expect(told).toBeCloseTo(newest.filter(({ label }) => label).length, 6);
  });
});
