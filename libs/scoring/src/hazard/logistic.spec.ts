import { seeded } from '../metrics/bootstrap.js';
import { chance, contributions, fitLogistic, logit, predict } from './logistic.js';

const random = seeded(11);
const examples = Array.from({ length: 8_000 }, () => {
  const features = [10 + 4 * random(), random() < 0.3 ? 1 : 0, 7];
  return { features, label: random() < chance(-6 + 0.5 * features[0]! - 1.5 * features[1]!) };
});

describe('a logistic regression', () => {
  const model = fitLogistic(examples)!;

  it('finds the weights that made the labels, in units of each feature’s spread', () => {
    expect(Math.abs(model.weights[0]! / model.spreads[0]! - 0.5)).toBeLessThan(0.08);
    expect(Math.abs(model.weights[1]! / model.spreads[1]! + 1.5)).toBeLessThan(0.15);
    expect(model.weights[2]).toBeCloseTo(0, 12);
  });

  it('foretells as many as came', () => {
    const told = examples.reduce((sum, { features }) => sum + predict(model, features), 0);
    expect(Math.abs(told - examples.filter(({ label }) => label).length)).toBeLessThan(0.01);
  });

  it('has reasons that add up to the score', () => {
    const { features } = examples[0]!;
    const sum = contributions(model, features).reduce((all, part) => all + part, model.intercept);
    expect(sum).toBeCloseTo(logit(predict(model, features)), 12);
  });

  it('stays finite where a feature tells all, and is none where nothing differs', () => {
    const split = fitLogistic([0, 1, 2, 10, 11, 12].map((x) => ({ features: [x], label: x > 5 })))!;
    expect(split.weights.every(Number.isFinite)).toBe(true);
    expect(fitLogistic([{ features: [1], label: true }])).toBeNull();
  });
});
