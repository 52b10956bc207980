import { seeded } from '../metrics/bootstrap.js';
import { curveOf, silenceOutlook } from './churn-window.js';
import type { SilenceCount } from './return-curve.js';

const silence = (days: number, ended: boolean, part = 0): SilenceCount => ({
  part,
  days,
  returned: Number(ended),
  open: Number(!ended),
});

describe('the curve of returns', () => {
  it('asks each day only those who were seen to its end', () => {
    // Three lasted a day; one of them came back on the day after, one was seen no longer. One is left for the next.
    const curve = curveOf([silence(1, true), silence(1, false), silence(2, true)]);
    expect([curve.reached(1), curve.reached(2), curve.reached(3)]).toEqual([2, 1, 0]);
    expect(curve.returns(1, 2)).toBe(1 / 2);
    expect(curve.returns(1, 3)).toBe(1);
    expect(curve.returns(3, 4)).toBeNull();
  });

  it('does not take those who are still away for lost', () => {
    // Freireich’s 6-MP group (Kaplan-Meier in every textbook): weeks in remission, + for those still in it.
    const relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23];
    const inRemission = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
    const curve = curveOf([
      ...relapsed.map((at) => silence(at, true)),
      ...inRemission.map((at) => silence(at + 1, false)),
    ]);
    expect(1 - curve.returns(1, 7)!).toBeCloseTo(0.857, 3);
    expect(1 - curve.returns(1, 11)!).toBeCloseTo(0.753, 3);
    expect(1 - curve.returns(1, 24)!).toBeCloseTo(0.448, 3);
  });
});

describe('the window proposed', () => {
  const question = { horizonDays: 60, level: 0.1, shown: [1, 7, 14, 30, 200] };
  const everyDay = (random: () => number, chance: number): number =>
    Math.floor(Math.log(1 - random()) / Math.log(1 - chance));

  /** Of so many silences a part never ends; the others end on any day with equal chance. All are watched for up to a year. */
  const drawn = (silences: number, lost: number, chance: number, seed: number): readonly SilenceCount[] => {
    const random = seeded(seed);
    return Array.from({ length: silences }, (_, i) => {
      const watched = Math.floor(60 + 300 * random());
      const lasts = random() < lost ? Infinity : everyDay(random, chance);
      return silence(Math.max(1, Math.min(lasts, watched)), lasts < watched, i % 64);
    });
  };

  it('is where the share that comes back crosses the level, and its interval holds the true day', () => {
    const [lost, chance, silences] = [0.05, 0.1, 4_000];
    const truth = (days: number): number => {
      const still = (1 - lost) * (1 - chance) ** days;
      return (still * (1 - (1 - chance) ** question.horizonDays)) / (still + lost);
    };
    let trueDays = 1;
    while (truth(trueDays) >= question.level) trueDays++;
    let held = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { window, points } = silenceOutlook(drawn(silences, lost, chance, seed), question);
      expect(Math.abs(window!.days - trueDays)).toBeLessThanOrEqual(8);
      held += Number(window!.interval!.low <= trueDays && trueDays <= window!.interval!.high);
      expect(points.find(({ days }) => days === 14)!.withinHorizon).toBeCloseTo(truth(14), 1);
      expect(points.find(({ days }) => days === 7)!.interval!.low).toBeLessThan(truth(7) + 0.02);
    }
    expect(held).toBeGreaterThanOrEqual(17);
  });

  it('is none where nobody stays away, or too few were watched', () => {
    expect(silenceOutlook(drawn(2_000, 0, 0.05, 1), question).window).toBeNull();
    const few = silenceOutlook(drawn(25, 0.5, 0.1, 1), question);
    expect([few.window, few.lastKnown, few.points]).toEqual([null, null, []]);
    expect(silenceOutlook([], question)).toMatchObject({ silences: 0, window: null, kneeDays: null, points: [] });
  });

  it('has no interval of a base too small to be drawn from', () => {
    const ofFew = drawn(500, 0.3, 0.2, 3).map((each) => ({ ...each, part: each.part % 5 }));
    expect(silenceOutlook(ofFew, question).window).toMatchObject({ interval: null });
  });
});
