import { percentPerHour } from './slope.js';

const line = (perHour: number): { hours: number; value: number }[] =>
  Array.from({ length: 61 }, (_, minute) => ({ hours: minute / 60, value: 100 + (perHour * minute) / 60 }));

describe('the slope of a soak', () => {
  it('is nothing for a value that stays', () => expect(percentPerHour(line(0))).toBeCloseTo(0));
  it('is the gain of an hour over the mean', () => expect(percentPerHour(line(10))).toBeCloseTo((10 / 105) * 100));
  it('sees through waves', () => {
    const waves = line(10).map(({ hours, value }, i) => ({ hours, value: value + (i % 2 === 0 ? 20 : -20) }));
    expect(percentPerHour(waves)).toBeCloseTo((10 / 105) * 100, 0);
  });
  it('is not told from two points', () => expect(percentPerHour(line(1).slice(0, 2))).toBeNull());
});
