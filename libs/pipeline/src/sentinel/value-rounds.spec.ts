import type { EpochMs } from '#domain';
import { DAY, epochMs, HOUR, plus } from '#domain';
import { ValueRounds } from './value-rounds.js';

const midnight = epochMs(Date.UTC(2026, 2, 1));

function aWorld() {
  const workedOut: EpochMs[] = [];
  const failures: (string | null)[] = [];
  const store = {
    isDown: false,
    workOut: async (asOf: EpochMs) => {
      if (store.isDown) throw new Error('the store does not answer');
      workedOut.push(asOf);
    },
    workedOutAt: async () => workedOut.at(-1) ?? null,
  };
  const aRound = () => new ValueRounds(store, (seen) => void (seen.kind === 'valued' && failures.push(seen.failure)));
  return { store, workedOut, failures, aRound };
}

it('works the value out once a day, as of its beginning, whoever looks how often', async () => {
  const { workedOut, aRound } = aWorld();
  for (const rounds of [aRound(), aRound()]) {
    for (const hours of [0, 1, 23]) await rounds.look(plus(midnight, hours * HOUR));
  }
  await aRound().look(plus(midnight, DAY));
  expect(workedOut).toEqual([midnight, plus(midnight, DAY)]);
});

it('lets a failure pass, and tries again an hour later', async () => {
  const { store, workedOut, failures, aRound } = aWorld();
  const rounds = aRound();
  store.isDown = true;
  await rounds.look(midnight);
  store.isDown = false;
  await rounds.look(plus(midnight, HOUR - 1));
  expect(workedOut).toEqual([]);
  await rounds.look(plus(midnight, HOUR));
  expect([workedOut, failures]).toEqual([[midnight], ['the store does not answer', null]]);
});
