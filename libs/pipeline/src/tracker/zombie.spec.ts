import { topics } from '#contracts';
import type { WindowStep } from '../testing/memory-window-store.js';
import { TrackerWorld } from '../testing/tracker-world.js';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
type Step = WindowStep | 'tell';

/**
 * A tracker that has folded 0-2 falls asleep at a step of the next chunk, another one takes its partition over and reads
 * on, and then it wakes, still believing itself to be the owner.
 */
async function aZombie(asleepAt: Step, successorReads = 3) {
  const world = new TrackerWorld(3).arrive(3);
  const zombie = await world.aReader().readAll();
  world.arrive(3);
  let wake = (): void => {};
  const awake = new Promise<void>((resolve) => (wake = resolve));
  const asleep = new Promise<void>((resolve) => {
    let slept = false;
    const sleep = (step: Step): Promise<void> | undefined => {
      if (step !== asleepAt || slept) return undefined;
      slept = true;
      resolve();
      return awake;
    };
    world.windows.onStep = sleep;
    const append = world.log.append.bind(world.log);
    world.log.append = async (topic, messages) => {
      if (topic === topics.touched.name) await sleep('tell');
      await append(topic, messages);
    };
  });
  const dream = zombie.tracker.fold(zombie.batch()!).then(
    () => 'went on',
    (error: { code?: string }) => error.code,
  );
  await asleep;
  const successor = world.aReader().assigned(3);
  // The chunk planned last, then as many new records as it is to read.
  if (successorReads < 3) {
    successor.next = await successor.tracker.fold(successor.batch()!);
    await successor.tracker.fold(world.intake.read(0, { limit: 3 + successorReads, signal: successor.signal })!);
  } else await successor.readAll();
  return { world, zombie, successor, wakes: () => (wake(), dream) };
}

describe('an owner that wakes after somebody else has taken over', () => {
  it.each(['plan', 'planned', 'fold'] as const)('at %s stores nothing', async (step) => {
    const { world, wakes, successor } = await aZombie(step);
    world.arrive(2);
    await successor.readAll();
    expect(await wakes()).toBe('FENCED');
    world.arrive(2);
    await successor.readAll();
    // Whoever comes next begins with what the last owner planned, not with what the sleeper did.
    await world.aReader().readAll();
    expect(world.folded).toEqual(range(0, 9));
  });

  it('at plan, with a longer cut than the successor has made', async () => {
    const { world, wakes, third } = await aZombie('plan', 2).then((a) => ({ ...a, third: a.world.aReader() }));
    expect(await wakes()).toBe('FENCED');
    expect(world.windows.plans.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset])).toEqual([
      [0, 2],
      [3, 4],
      [3, 5],
    ]);
    await third.readAll();
    expect(world.folded).toEqual(range(0, 5));
  });

  it('between its plan and its fold, when the successor has planned nothing yet', async () => {
    const { world, wakes } = await aZombie('plan');
    const third = world.arrive(2).aReader().assigned(3);
    world.windows.onStep = () => {};
    expect(await wakes()).toBe('FENCED');
    await third.readAll();
    expect(world.folded).toEqual(range(0, 7));
  });

  it('after its fold may still tell: it is true', async () => {
    const { world, wakes } = await aZombie('tell');
    expect(world.folded).toEqual(range(0, 5));
    expect(await wakes()).toBe('went on');
    expect(world.told.at(-1)).toEqual([world.intake.topic, 0, world.intake.arrivedAt(5) - 1]);
    expect(world.folded).toEqual(range(0, 5));
  });

  it('says nothing, and does not try again before the partition is given to it anew', async () => {
    const { world, wakes, zombie, successor } = await aZombie('fold');
    const told = world.told.length;
    expect(await wakes()).toBe('FENCED');
    expect(world.told).toHaveLength(told);
    expect(zombie.place).toBeUndefined();
    expect(zombie.tracker.isInDoubt(world.intake.topic, 0)).toBe(true);
    let steps = 0;
    world.windows.onStep = () => (steps += 1);
    world.windows.lastPlan = async () => {
      throw new TypeError('a fenced owner asks for nothing');
    };
    await expect(zombie.tracker.fold(zombie.batch()!)).rejects.toMatchObject({ code: 'FENCED' });
    expect(steps).toBe(0);
    Reflect.deleteProperty(world.windows, 'lastPlan');
    world.arrive(2);
    await zombie.assigned(6).readAll();
    expect(zombie.tracker.isInDoubt(world.intake.topic, 0)).toBe(false);
    expect(zombie.place?.next).toBe(8);
    // And now the other one is the one that lost it.
    world.arrive(1);
    await expect(successor.readAll()).rejects.toMatchObject({ code: 'FENCED' });
    await zombie.readAll();
    expect(world.folded).toEqual(range(0, 8));
  });

  it('takes nothing over while the group no longer knows it', async () => {
    const world = new TrackerWorld(3).arrive(3);
    const sleeper = world.aReader();
    const successor = await world.aReader().readAll();
    const heartbeat = async (): Promise<void> => {
      throw new Error('this member is unknown');
    };
    await expect(sleeper.tracker.fold({ ...sleeper.batch()!, heartbeat })).rejects.toThrow('unknown');
    world.arrive(1);
    await successor.readAll();
    expect(world.folded).toEqual(range(0, 3));
  });
});
