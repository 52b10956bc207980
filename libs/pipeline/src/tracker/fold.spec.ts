import { defaultAdmissionLimits, topics } from '#contracts';
import { DAY, epochMs, MINUTE, plus, tenantId } from '#domain';
import { Tracker } from './fold.js';
import type { Observation } from '../ports/observer.js';
import { IntakePartition } from '../testing/intake-partition.js';
import { MemoryDeadLetters } from '../testing/memory-dead-letters.js';
import { MemoryLog } from '../testing/memory-log.js';
import { MemoryWindowStore } from '../testing/memory-window-store.js';
import type { WindowStep } from '../testing/memory-window-store.js';
import { decodeTouched } from './touched.js';

const now = epochMs(Date.UTC(2026, 2, 2));
const tenant = tenantId('default');
/** 'ada' belongs to partition 0, anybody else to the one their first letter names: b is 1, c is 2. */
const partitionOf = (key: string, count: number): number => (key.charCodeAt(0) - 97) % count;

/** A store, a log and a partition; trackers come and go over them. */
function aWorld({ maxChunkRecords = 100, touchedPartitions = 1 } = {}) {
  const windows = new MemoryWindowStore();
  const deadLetters = new MemoryDeadLetters();
  const log = new MemoryLog(touchedPartitions);
  const seen: Observation[] = [];
  const intake = new IntakePartition();
  const aTracker = (): Tracker =>
    new Tracker({
      windows,
      deadLetters,
      log,
      clock: { now: () => now },
      observer: (observation) => seen.push(observation),
      partitionOf,
      tenant,
      limits: defaultAdmissionLimits,
      maxChunkRecords,
    });
  return {
    windows,
    deadLetters,
    log,
    seen,
    intake,
    aTracker,
    /** Ids of the folded events, which are their offsets. */
    folded: () => windows.events.map((event) => Number(event.id)),
    planned: () => windows.plans.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset]),
    touched: () =>
      log.written(topics.touched.name).map((message) => ({ ...message, ...decodeTouched(message.value!) })),
  };
}

/** As a log does: brings the batches the tracker asks for until there is nothing more. Answers how often it asked. */
async function serve(tracker: Tracker, intake: IntakePartition, from: number, limit = 100): Promise<number> {
  let next = from;
  for (let turn = 0; turn < 50; turn++) {
    const batch = intake.read(next, { limit });
    if (batch === null) return turn;
    next = await tracker.fold(batch);
  }
  throw new Error(`after 50 batches the tracker still wants ${next}`);
}

const failAt = (windows: MemoryWindowStore, at: WindowStep, times = 1): void => {
  let left = times;
  windows.onStep = (step) => {
    if (step === at && left-- > 0) throw new Error(`no answer to ${step}`);
  };
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const someEvents = (intake: IntakePartition, count: number): IntakePartition => {
  for (let n = 0; n < count; n++) intake.happened('ada');
  return intake;
};

describe('folding a batch', () => {
  it('cuts it into chunks of at most so many records, each written down before its rows', async () => {
    const { windows, intake, aTracker, planned, folded } = aWorld({ maxChunkRecords: 4 });
    const steps: WindowStep[] = [];
    windows.onStep = (step) => steps.push(step);
    expect(await aTracker().fold(someEvents(intake, 10).read(0)!)).toBe(10);
    expect(planned()).toEqual([
      [0, 3],
      [4, 7],
      [8, 9],
    ]);
    expect(steps.slice(2, 7)).toEqual(['plan', 'planned', 'fold', 'folded', 'plan']);
    expect(folded()).toEqual(range(0, 9));
  });

  it('plans, folds, buries and only then says who was touched', async () => {
    const { windows, deadLetters, log, intake, aTracker } = aWorld();
    const story: string[] = [];
    windows.onStep = (step) => story.push(step);
    const bury = deadLetters.bury.bind(deadLetters);
    deadLetters.bury = async (letters) => {
      story.push('bury');
      await bury(letters);
    };
    const append = log.append.bind(log);
    log.append = async (topic, messages) => {
      story.push(topic);
      await append(topic, messages);
    };
    await aTracker().fold(intake.happened('ada').holds('bea', 'no event').read(0)!);
    expect(story.slice(2)).toEqual([
      'plan',
      'planned',
      'fold',
      'folded',
      'bury',
      topics.deadLetter.name,
      topics.touched.name,
    ]);
  });

  it('goes on over offsets that nobody can read', async () => {
    const { intake, aTracker, folded, planned } = aWorld();
    const tracker = aTracker();
    intake.happened('ada').gap().happened('ada');
    expect(await tracker.fold(intake.read(0)!)).toBe(3);
    intake.gap().gap().happened('ada');
    expect(await tracker.fold(intake.read(3)!)).toBe(6);
    expect(folded()).toEqual([0, 2, 5]);
    expect(planned()).toEqual([
      [0, 2],
      [5, 5],
    ]);
  });

  it('skips what it has stored when the log brings it again', async () => {
    const { intake, aTracker, folded, windows } = aWorld();
    const tracker = aTracker();
    await tracker.fold(someEvents(intake, 5).read(0)!);
    await serve(tracker, someEvents(intake, 2), 2);
    await serve(tracker, intake, 0, 3);
    expect(folded()).toEqual(range(0, 6));
    expect(windows.asked).toEqual(['0-4', '5-6']);
  });

  it('tells how far behind it is, and what it folded', async () => {
    const { intake, aTracker, seen } = aWorld();
    await aTracker().fold(someEvents(intake, 5).read(0, { limit: 3 })!);
    expect(seen).toEqual([
      { kind: 'folded', topic: intake.topic, events: 3, tookMs: expect.any(Number) },
      { kind: 'lag', topic: intake.topic, partition: 0, records: 2 },
    ]);
  });

  it('stops between chunks once the partition is taken away', async () => {
    const { intake, aTracker, folded } = aWorld({ maxChunkRecords: 2 });
    const ownership = new AbortController();
    let beats = 0;
    // The first is before anything is taken over.
    const heartbeat = async (): Promise<void> => void (++beats === 2 && ownership.abort());
    const batch = someEvents(intake, 6).read(0, { signal: ownership.signal, heartbeat })!;
    expect(await aTracker().fold(batch)).toBe(2);
    expect(folded()).toEqual([0, 1]);
  });

  it('writes nothing of a batch whose partition is gone already', async () => {
    const { intake, aTracker, windows } = aWorld();
    expect(await aTracker().fold(someEvents(intake, 2).read(0, { signal: AbortSignal.abort() })!)).toBe(0);
    expect(windows.plans).toEqual([]);
  });
});

describe('a record that is no event', () => {
  it('is buried under its place, and the partition goes on', async () => {
    const { intake, aTracker, deadLetters, folded, seen } = aWorld();
    intake.happened('ada').holds('bea', '{"id":').happened('ada', { type: 'oder' }).happened('ada');
    expect(await aTracker().fold(intake.read(0)!)).toBe(4);
    expect(folded()).toEqual([0, 3]);
    const letters = await deadLetters.list(10);
    expect(letters.map(({ id, reason, key }) => ({ id, reason, key }))).toEqual([
      { id: `${topics.activity.name}/0/1`, reason: 'malformed', key: 'bea' },
      { id: `${topics.activity.name}/0/2`, reason: 'unknown-type', key: 'ada' },
    ]);
    expect(Buffer.from(letters[0]!.value).toString()).toBe('{"id":');
    expect(seen.filter(({ kind }) => kind === 'rejected')).toEqual([
      { kind: 'rejected', by: 'tracker', reason: 'malformed', count: 1 },
      { kind: 'rejected', by: 'tracker', reason: 'unknown-type', count: 1 },
    ]);
  });

  it('may be a tombstone, or have no key', async () => {
    const { intake, aTracker, deadLetters, log } = aWorld();
    expect(await aTracker().fold(intake.holds('ada', null).holds(null, 'x').read(0)!)).toBe(2);
    expect((await deadLetters.list(10)).map(({ reason, value }) => [reason, value.byteLength])).toEqual([
      ['malformed', 0],
      ['malformed', 1],
    ]);
    expect(log.written(topics.deadLetter.name).map(({ key }) => key)).toEqual(['ada', `${topics.activity.name}/0/1`]);
  });

  it('is judged by when it arrived, so that a late repeat comes to the same rows', async () => {
    const { intake, aTracker, folded } = aWorld();
    const longAgo = epochMs(intake.arrivedAt(0) - 399 * DAY);
    await aTracker().fold(intake.happened('ada', { at: longAgo }).read(0)!);
    await serve(aTracker(), intake, 0);
    expect(folded()).toEqual([0]);
  });
});

describe('what the sentinel hears of a chunk', () => {
  it('is told to the partition of each customer, and the progress to all', async () => {
    const { intake, aTracker, touched } = aWorld({ touchedPartitions: 3 });
    await aTracker().fold(intake.happened('ada').happened('bea').happened('ada').happened('aki').read(0)!);
    const progress = [[intake.topic, 0, intake.arrivedAt(3) - 1]];
    expect(touched().map(({ partition, customers, progress: told }) => ({ partition, customers, told }))).toEqual([
      {
        partition: 0,
        customers: [
          [tenant, 'ada', [intake.arrivedAt(0), intake.arrivedAt(2)]],
          [tenant, 'aki', [intake.arrivedAt(3)]],
        ],
        told: progress,
      },
      { partition: 1, customers: [[tenant, 'bea', [intake.arrivedAt(1)]]], told: progress },
      { partition: 2, customers: [], told: progress },
    ]);
  });

  it('names instants in order and once', async () => {
    const { intake, aTracker, touched } = aWorld();
    const [early, late] = [epochMs(now - 3 * DAY), epochMs(now - 2 * DAY)];
    for (const at of [late, early, late]) intake.happened('ada', { at });
    await aTracker().fold(intake.read(0)!);
    expect(touched()[0]!.customers).toEqual([[tenant, 'ada', [early, late]]]);
  });

  it('names of a customer with very many only the last of each minute', async () => {
    const { intake, aTracker, touched } = aWorld({ maxChunkRecords: 1_000 });
    const start = epochMs(Math.floor((now - DAY) / MINUTE) * MINUTE);
    for (let n = 0; n < 600; n++) intake.happened('ada', { at: plus(start, n * 1_000) });
    await aTracker().fold(intake.read(0)!);
    const [, , instants] = touched()[0]!.customers[0]!;
    expect(instants).toEqual(range(0, 9).map((minute) => start + minute * MINUTE + 59_000));
  });

  it('comes again when it could not be told, without a second fold', async () => {
    const { intake, aTracker, log, touched, windows, folded } = aWorld();
    const tracker = aTracker();
    log.down.add(topics.touched.name);
    const batch = intake.happened('ada').read(0)!;
    await expect(tracker.fold(batch)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    log.down.clear();
    expect(await tracker.fold(batch)).toBe(1);
    expect(touched()).toHaveLength(1);
    expect(windows.asked).toEqual(['0-0', '0-0']);
    expect(folded()).toEqual([0]);
  });
});

describe('a failed insert', () => {
  // The engine may have stored all of it, or filled one window and not the other: only the same name is safe.
  it.each(['fold', 'folded'] as const)(
    'is repeated at the same boundaries though the batch has grown (no answer to %s)',
    async (step) => {
      const { intake, aTracker, windows, folded } = aWorld();
      const tracker = aTracker();
      failAt(windows, step);
      await expect(tracker.fold(someEvents(intake, 3).read(0)!)).rejects.toThrow();
      expect(tracker.placeOf(intake.topic, 0)).toBeUndefined();
      expect(await tracker.fold(someEvents(intake, 4).read(0)!)).toBe(7);
      expect(windows.asked).toEqual(['0-2', '0-2', '3-6']);
      expect(folded()).toEqual(range(0, 6));
    },
  );

  it.each(['plan', 'planned', 'fold', 'folded'] as const)(
    'in the middle of a batch repeats only what was not stored (no answer to %s)',
    async (step) => {
      const { intake, aTracker, windows, folded } = aWorld({ maxChunkRecords: 2 });
      const tracker = aTracker();
      let seen = 0;
      windows.onStep = (at) => {
        if (at === step && ++seen === 2) throw new Error(`no answer to ${step}`);
      };
      const batch = someEvents(intake, 5).read(0)!;
      await expect(tracker.fold(batch)).rejects.toThrow();
      expect(await tracker.fold(batch)).toBe(5);
      expect(new Set(windows.asked)).toEqual(new Set(['0-1', '2-3', '4-4']));
      expect(folded()).toEqual(range(0, 4));
    },
  );

  it('may fail many times', async () => {
    const { intake, aTracker, windows, folded } = aWorld();
    const tracker = aTracker();
    failAt(windows, 'folded', 3);
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(tracker.fold(someEvents(intake, 2).read(0)!)).rejects.toThrow();
    expect(await tracker.fold(intake.read(0)!)).toBe(6);
    expect(folded()).toEqual(range(0, 5));
  });
});

/** A tracker died after the insert of 4-8 but before it could say so. */
async function aCrash() {
  const world = aWorld({ maxChunkRecords: 5 });
  const { intake, windows, aTracker } = world;
  const lost = aTracker();
  await lost.fold(someEvents(intake, 4).read(0)!);
  failAt(windows, 'folded');
  await expect(lost.fold(someEvents(intake, 5).read(4)!)).rejects.toThrow();
  windows.asked.length = 0;
  someEvents(intake, 4);
  return world;
}

describe('after a restart', () => {
  it('asks for the last planned chunk, whatever the log brings first', async () => {
    const { intake, aTracker } = await aCrash();
    expect(await aTracker().fold(intake.read(9)!)).toBe(4);
    expect(await aTracker().fold(intake.read(0, { limit: 2 })!)).toBe(4);
  });

  it('says nothing of its progress before that chunk is repeated', async () => {
    const { intake, aTracker } = await aCrash();
    const tracker = aTracker();
    await tracker.fold(intake.read(9)!);
    expect(tracker.placeOf(intake.topic, 0)).toBeUndefined();
    await tracker.fold(intake.read(4)!);
    expect(tracker.placeOf(intake.topic, 0)).toMatchObject({ next: 13, readUpTo: intake.arrivedAt(12) - 1 });
  });

  it.each([1, 2, 3, 4, 5, 6, 100])('cuts it at exactly its boundaries when batches hold %d records', async (limit) => {
    const { intake, aTracker, windows, folded } = await aCrash();
    await serve(aTracker(), intake, 0, limit);
    expect(windows.asked[0]).toBe('4-8');
    expect(windows.asked[1]).toMatch(/^9-/);
    expect(folded()).toEqual(range(0, 12));
  });

  it('tells again who was touched by it, for that may be what the crash prevented', async () => {
    const { intake, aTracker, touched } = await aCrash();
    const before = touched().length;
    await aTracker().fold(intake.read(4, { limit: 5 })!);
    expect(touched().slice(before)[0]!.customers[0]![2]).toEqual(range(4, 8).map((n) => intake.arrivedAt(n)));
  });

  it('holds the chunk over a gap between two batches', async () => {
    const { intake, aTracker, windows, folded } = aWorld();
    const lost = aTracker();
    failAt(windows, 'folded');
    await expect(lost.fold(intake.happened('ada').gap().happened('ada').happened('ada').read(0)!)).rejects.toThrow();
    await serve(aTracker(), intake, 0, 1);
    expect(new Set(windows.asked)).toEqual(new Set(['0-3']));
    expect(folded()).toEqual([0, 2, 3]);
  });

  it('does not wait for a planned chunk of which the log has nothing', async () => {
    const { intake, aTracker, windows, folded } = aWorld();
    const chunk = { topic: intake.topic, partition: 0, epoch: 0, firstOffset: 1, lastOffset: 2 };
    await windows.plan({ ...chunk, firstPrint: '', lastPrint: '' }, await windows.takeOver(intake.topic, 0));
    intake.happened('ada').gap().gap().happened('ada');
    expect(await serve(aTracker(), intake, 0)).toBeLessThan(3);
    expect(folded()).toEqual([3]);
  });
});

describe('a partition that was away', () => {
  it('is taken up where the store left off, though the log brings what we wanted next', async () => {
    const { intake, aTracker, folded } = aWorld({ maxChunkRecords: 3 });
    const [first, second] = [aTracker(), aTracker()];
    const ours = new AbortController();
    await first.fold(someEvents(intake, 3).read(0, { signal: ours.signal })!);
    ours.abort();
    // The other one stored more but died before the log heard of it.
    await serve(second, someEvents(intake, 2), 3);
    someEvents(intake, 4);
    const again = new AbortController();
    let next = 3;
    while (next < intake.endOffset) next = await first.fold(intake.read(next, { signal: again.signal })!);
    expect(folded()).toEqual(range(0, 8));
  });
});
