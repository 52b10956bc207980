import { Random } from './random.js';

describe('Random', () => {
  it('gives the published values of xoshiro128** from the state 1, 2, 3, 4', () => {
    const random = Random.fromState([1, 2, 3, 4]);
    expect(Array.from({ length: 6 }, () => random.next())).toEqual([
      11_520, 0, 5_927_040, 70_819_200, 2_031_721_883, 1_637_235_492,
    ]);
  });

  it('gives the same numbers for the same name and others for another', () => {
    const draw = (seed: number, stream: number, step: number) => {
      const random = new Random(seed, stream, step);
      return [random.next(), random.next(), random.next()];
    };
    expect(draw(7, 3, 5)).toEqual(draw(7, 3, 5));
    const names = [draw(7, 3, 5), draw(7, 5, 3), draw(8, 3, 5), draw(7, 3, 6)].map(String);
    expect(new Set(names).size).toBe(4);
  });

  it('spreads numbers evenly and meets the means it promises', () => {
    const random = new Random(1);
    const n = 20_000;
    const mean = (draw: () => number): number => Array.from({ length: n }, draw).reduce((a, b) => a + b, 0) / n;
    expect(mean(() => random.unit())).toBeCloseTo(0.5, 1);
    expect(mean(() => random.poisson(2.5))).toBeCloseTo(2.5, 1);
    expect(mean(() => random.exponential(4)) / 4).toBeCloseTo(1, 1);
    expect(mean(() => random.normal())).toBeCloseTo(0, 1);
    expect(mean(() => random.whole(1, 3))).toBeCloseTo(2, 1);
  });
});
