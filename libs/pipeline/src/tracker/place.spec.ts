import { whereToBegin } from './place.js';
import type { WindowStep } from '../testing/memory-window-store.js';
import type { Reader } from '../testing/tracker-world.js';
import { TrackerWorld } from '../testing/tracker-world.js';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Chunks of three: 0-2, 3-5 and 6-8 are folded. */
async function aWorld(): Promise<{ world: TrackerWorld; reader: Reader }> {
  const world = new TrackerWorld(3).arrive(9);
  const reader = await world.aReader().readAll();
  world.windows.asked.length = 0;
  return { world, reader };
}

/** As `aWorld`, but the reply to 6-8 was lost and the tracker died of it. */
async function aCrash(): Promise<TrackerWorld> {
  const world = new TrackerWorld(3).arrive(9);
  let folds = 0;
  world.windows.onStep = (step) => {
    if (step === 'folded' && ++folds === 3) throw new Error('no answer');
  };
  await expect(world.aReader().readAll()).rejects.toThrow('no answer');
  world.windows.asked.length = 0;
  return world;
}

describe('a range of offsets that comes again', () => {
  it('the same range is stored once', async () => {
    const { world } = await aWorld();
    await world.aReader().assigned(6).readAll(3);
    expect(world.windows.asked).toEqual(['6-8']);
    expect(world.folded).toEqual(range(0, 8));
  });

  it('an overlapping one is cut at the old boundary', async () => {
    const world = await aCrash();
    await world.arrive(3).aReader().assigned(7).readAll();
    expect(world.windows.asked).toEqual(['6-8', '9-11']);
    expect(world.folded).toEqual(range(0, 11));
  });

  it('one contained in a planned chunk waits for the rest of it', async () => {
    const world = await aCrash();
    await world.arrive(1).aReader().assigned(6).readAll(2);
    expect(world.windows.asked).toEqual(['6-8', '9-9']);
    expect(world.folded).toEqual(range(0, 9));
  });

  it('a new one is stored', async () => {
    const { world, reader } = await aWorld();
    world.arrive(2);
    await reader.readAll();
    expect(world.windows.asked).toEqual(['9-10']);
  });

  it('an older one is passed over once the log has shown that it is the same', async () => {
    const { world, reader } = await aWorld();
    reader.next = 0;
    world.arrive(1);
    await reader.readAll(2);
    expect(world.windows.asked).toEqual(['9-9']);
    expect(world.folded).toEqual(range(0, 9));
  });

  it('everything, since the offsets committed to the log are lost', async () => {
    const { world } = await aWorld();
    await world.arrive(1).aReader().assigned(0).readAll(2);
    expect(world.windows.asked).toEqual(['6-8', '9-9']);
    expect(world.folded).toEqual(range(0, 9));
  });

  it('nothing of what came before, since the offsets committed belong to another store', async () => {
    const world = new TrackerWorld(3).arrive(7);
    await world.aReader().assigned(5).readAll();
    expect(world.folded).toEqual(range(0, 6));
  });
});

describe('offsets that nobody can read', () => {
  it('stand between batches, within a chunk and at the start of the log', async () => {
    const world = new TrackerWorld(3);
    const reader = world.aReader();
    world.intake.gap();
    await reader.readAll();
    world.intake.happened('ada').gap().happened('ada').gap();
    await reader.readAll(1);
    world.intake.gap().happened('ada');
    await reader.readAll();
    await world.aReader().readAll(1);
    expect(world.folded).toEqual([1, 3, 6]);
  });

  it('are left by a clean-up, even where the planned chunk began or ended', async () => {
    const world = await aCrash();
    world.windows.logForgets = true;
    world.intake.compactAway(8);
    world.intake.compactAway(6);
    await world.arrive(1).aReader().readAll();
    expect(world.windows.asked).toEqual(['6-8', '9-9']);
    expect(world.folded).toEqual(range(0, 9));
  });
});

describe('a planned chunk that has expired from the log', () => {
  it('is gone on behind', async () => {
    const world = await aCrash();
    world.arrive(4).intake.expire(10);
    await world.aReader().assigned(6).readAll();
    expect(world.windows.asked).toEqual(['10-12']);
  });

  it('is repeated with what is left of it, under its name: a crash may have kept out all of it', async () => {
    const world = await aCrash();
    world.windows.logForgets = true;
    world.arrive(1).intake.expire(7);
    await world.aReader().assigned(6).readAll();
    expect(world.windows.asked).toEqual(['6-8', '9-9']);
    expect(world.folded).toEqual(range(0, 9));
  });
});

describe('a topic made anew', () => {
  it('while nobody ran, shorter than before', async () => {
    const { world } = await aWorld();
    world.intake.makeAnew();
    await world.arrive(4).aReader().assigned(9).readAll();
    expect(world.folded).toEqual(range(0, 12));
    expect(world.windows.asked).toEqual(['0-2@1', '3-3@1']);
  });

  it('while nobody ran, longer than before already', async () => {
    const { world } = await aWorld();
    world.intake.makeAnew();
    await world.arrive(20).aReader().assigned(9).readAll(4);
    expect(world.folded).toEqual(range(0, 28));
  });

  it('while nobody ran, and ends just where the last chunk began', async () => {
    const { world } = await aWorld();
    world.intake.makeAnew();
    world.arrive(6);
    const reader = world.aReader();
    reader.next = await whereToBegin(world.windows, world.log, world.intake.topic, 0);
    await reader.readAll(4);
    expect(world.folded).toEqual(range(0, 14));
  });

  it('while it was read', async () => {
    const { world, reader } = await aWorld();
    world.intake.makeAnew();
    world.arrive(4);
    await reader.readAll();
    expect(world.folded).toEqual(range(0, 12));
    world.arrive(2);
    await reader.readAll();
    expect(world.folded).toEqual(range(0, 14));
  });

  it('in the middle of a chunk that is being repeated', async () => {
    const world = await aCrash();
    const reader = world.aReader();
    reader.next = await reader.tracker.fold(reader.assigned(6).batch(2)!);
    world.intake.makeAnew();
    world.arrive(2);
    await reader.readAll();
    expect(world.folded).toEqual(range(0, 10));
  });

  it('and made anew once more, with a crash before anything of the first was stored', async () => {
    const { world } = await aWorld();
    world.intake.makeAnew();
    world.windows.onStep = (step: WindowStep) => {
      if (step === 'plan') throw new Error('no answer');
    };
    await expect(world.arrive(3).aReader().readAll()).rejects.toThrow('no answer');
    world.windows.onStep = () => {};
    await world.aReader().readAll();
    world.intake.makeAnew();
    await world.arrive(5).aReader().readAll();
    expect(world.folded).toEqual(range(0, 16));
  });

  it('is not read as far as the old one was', async () => {
    const { world, reader } = await aWorld();
    expect(reader.place?.next).toBe(9);
    world.intake.makeAnew();
    reader.next = await reader.tracker.fold(world.arrive(1) && reader.batch()!);
    expect(reader.place).toMatchObject({ next: 0, readUpTo: 0 });
  });
});

describe('a log that lost its end', () => {
  it('behind the last chunk goes on where it ends', async () => {
    const { world } = await aWorld();
    world.arrive(2).intake.truncate(9);
    await world.arrive(2).aReader().readAll();
    expect(world.folded).toEqual([...range(0, 8), 11, 12]);
  });

  it('within the last chunk repeats that chunk’s rest under another name, and nothing before', async () => {
    const { world } = await aWorld();
    world.intake.truncate(8);
    await world.aReader().assigned(9).readAll();
    expect(world.windows.asked).toEqual(['6-7@1']);
    world.arrive(3);
    await world.aReader().readAll();
    expect(world.folded.slice(9)).toEqual([6, 7, 9, 10, 11]);
  });

  it('before the last chunk goes on behind the last one it still holds', async () => {
    const { world, reader } = await aWorld();
    world.intake.truncate(6);
    await reader.readAll();
    world.arrive(1);
    await reader.readAll();
    expect(world.folded).toEqual([...range(0, 8), 9]);
    expect(world.windows.asked).toEqual(['6-6@1']);
  });

  it('and was written on beyond where it ended', async () => {
    const { world } = await aWorld();
    world.intake.truncate(6);
    await world.arrive(8).aReader().assigned(9).readAll();
    expect(world.folded).toEqual(range(0, 16));
  });

  it('twice, the second time before anything of the new end was stored', async () => {
    const { world } = await aWorld();
    const reader = world.aReader();
    world.intake.truncate(6);
    reader.next = await reader.tracker.fold(reader.assigned(6).batch() ?? world.intake.read(0, { limit: 3 })!);
    world.intake.truncate(3);
    world.arrive(2);
    await reader.readAll();
    await world.aReader().readAll();
    expect(world.folded).toEqual([...range(0, 8), 9, 10]);
  });
});
