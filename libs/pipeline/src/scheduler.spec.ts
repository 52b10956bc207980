import type { Clock } from '#domain';
import { DAY, epochMs } from '#domain';
import { schedulerOf } from './scheduler.js';

describe('timers under a clock', () => {
  it('ring once the clock has passed, also when it runs far ahead of the wall’s', async () => {
    const began = performance.now();
    const fast: Clock = { now: () => epochMs((performance.now() - began) * DAY) };
    const rangAt = await new Promise<number>((resolve) => {
      schedulerOf(fast).at(epochMs(20 * DAY), () => resolve(fast.now()));
    });
    expect(rangAt).toBeGreaterThanOrEqual(20 * DAY);
  });

  it('never ring before `at` has returned, and not at all once called off', async () => {
    const still: Clock = { now: () => epochMs(100) };
    const rang: string[] = [];
    const callOff = schedulerOf(still).at(epochMs(0), () => rang.push('called off'));
    expect(rang).toEqual([]);
    callOff();
    await new Promise<void>((resolve) => {
      schedulerOf(still).at(epochMs(0), () => resolve());
    });
    expect(rang).toEqual([]);
  });
});
