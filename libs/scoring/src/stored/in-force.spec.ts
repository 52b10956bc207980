import { epochMs } from '#domain';
import { promotion, rollback, versionInForce } from './in-force.js';
import type { ModelChange } from './model-store.js';

const noon = epochMs(1_000);

/** Plays "a" as its promotion and "<" as a rollback; what cannot be done is left out. */
function played(steps: string, now = noon): readonly ModelChange[] {
  const changes: ModelChange[] = [];
  for (const step of steps) {
    const change = step === '<' ? rollback(changes, now) : promotion(changes, step, now);
    if (change !== null) changes.push(change);
  }
  return changes;
}

describe('which version of a score is in force', () => {
  it.each([
    ['', null],
    ['a', 'a'],
    ['ab', 'b'],
    ['ab<', 'a'],
    ['ab<<', null],
    ['ab<<<', null],
    ['ab<c<', 'a'],
    ['aba<', 'b'],
    ['aa<', null],
    ['<b', 'b'],
  ])('after "%s" it is %s', (steps, version) => {
    const changes = played(steps);
    expect(versionInForce(changes)).toBe(version);
    // A reader who knows only the last row knows it as well.
    expect(changes.at(-1)?.version ?? null).toBe(version);
  });

  it('keeps the order of changes although the clock stands', () => {
    expect(played('ab<').map(({ at }) => at)).toEqual([1_000, 1_001, 1_002]);
  });
});
