import { defaultAdmissionLimits, topics } from '#contracts';
import type { ChurnError } from '#domain';
import { epochMs, plus, tenantId } from '#domain';
import type { CapLimits } from './dead-letter-cap.js';
import { Tracker } from './fold.js';
import type { Observation } from '../ports/observer.js';
import { HandTurnedTime, IntakePartition, MemoryDeadLetters, MemoryLog, MemoryWindowStore } from '../testing/index.js';

const topic = topics.activity.name;
const small: CapLimits = { maxConsecutive: 20, maxShare: 0.5, windowRecords: 400 };

function aWorld(cap = small, maxChunkRecords = 10) {
  const windows = new MemoryWindowStore();
  const deadLetters = new MemoryDeadLetters();
  const log = new MemoryLog();
  const seen: Observation[] = [];
  const intake = new IntakePartition();
  const time = new HandTurnedTime(plus(intake.arrivedAt(0), 86_400_000));
  const aTracker = () =>
    new Tracker({
      windows,
      deadLetters,
      log,
      clock: time,
      observer: (observation) => void seen.push(observation),
      partitionOf: () => 0,
      tenant: tenantId('default'),
      limits: defaultAdmissionLimits,
      maxChunkRecords,
      cap,
    });
  const bad = (count: number) => {
    for (let n = 0; n < count; n++) intake.holds('ada', 'no JSON');
  };
  const good = (count: number) => {
    for (let n = 0; n < count; n++) intake.happened('ada');
  };
  /** Reads to the end as a consumer does, in batches of any cut; the error that stopped it, or null. */
  const readOn = async (tracker: Tracker, source = intake, limit = 20, signal?: AbortSignal) => {
    let from = tracker.placeOf(source.topic, source.partition)?.next ?? 0;
    for (;;) {
      const batch = source.read(from, { limit, ...(signal === undefined ? {} : { signal }) });
      if (batch === null) return null;
      try {
        from = await tracker.fold(batch);
      } catch (error) {
        return error as ChurnError;
      }
    }
  };
  const buried = async () => (await deadLetters.list(10_000)).map(({ offset }) => offset);
  const stops = () => seen.flatMap((each) => (each.kind === 'capped' ? [each.isStopped] : []));
  return { windows, deadLetters, log, seen, intake, time, aTracker, bad, good, readOn, buried, stops };
}

const upTo = (count: number, from = 0): number[] => Array.from({ length: count - from }, (_, index) => from + index);

describe('the cap on dead letters', () => {
  it('stops a partition before it buries a run of refused records, and says where and why', async () => {
    const { aTracker, bad, good, readOn, buried, windows, log, stops } = aWorld();
    good(30);
    bad(40);
    good(1);
    const tracker = aTracker();
    const error = await readOn(tracker);
    expect(error).toMatchObject({ code: 'DEAD_LETTER_CAP', retryable: true });
    expect(error!.message).toContain(
      `${topic}/0 stands still at offset 40: 20 records in a row are refused (malformed)`,
    );
    // The chunk in which the twentieth stands is neither planned nor buried, and told to nobody.
    expect(await buried()).toEqual(upTo(40, 30));
    expect(windows.plans.at(-1)).toMatchObject({ lastOffset: 39 });
    expect(log.written(topics.deadLetter.name)).toHaveLength(10);
    expect(tracker.placeOf(topic, 0)).toMatchObject({ next: 40 });
    expect(tracker.stopped()).toEqual([error!.message]);

    expect(await readOn(tracker)).toMatchObject({ code: 'DEAD_LETTER_CAP' });
    expect(await buried()).toHaveLength(10);
    expect(stops()).toEqual([true]);
  });

  it('holds for a chunk that is larger than the cap', async () => {
    const { aTracker, bad, good, readOn, buried } = aWorld(small, 1_000);
    good(5);
    bad(25);
    good(500);
    expect(await readOn(aTracker(), undefined, 1_000)).toMatchObject({ code: 'DEAD_LETTER_CAP' });
    expect(await buried()).toEqual([]);
  });

  it('stops a partition of which half is refused, run or no run, once a tenth of the window has come', async () => {
    const { aTracker, bad, good, readOn } = aWorld();
    for (let n = 0; n < 200; n++) (n % 2 === 0 ? good : bad)(1);
    const error = await readOn(aTracker());
    expect(error!.message).toMatch(/stands still at offset 30: 20 of the last 40 records are refused/);
  });

  it('lets a trickle pass for ever', async () => {
    const { aTracker, bad, good, readOn, buried } = aWorld();
    for (let n = 0; n < 300; n++) {
      good(3);
      bad(2);
    }
    expect(await readOn(aTracker())).toBeNull();
    expect(await buried()).toHaveLength(600);
  });

  it('can be switched off', async () => {
    const { aTracker, bad, readOn, buried } = aWorld({ ...small, maxConsecutive: 0, maxShare: 0 });
    bad(200);
    expect(await readOn(aTracker())).toBeNull();
    expect(await buried()).toHaveLength(200);
  });

  it('leaves the other partitions alone', async () => {
    const { aTracker, bad, readOn, windows } = aWorld();
    bad(50);
    const other = new IntakePartition(topic, 1).happened('bob');
    const tracker = aTracker();
    expect(await readOn(tracker)).not.toBeNull();
    expect(await readOn(tracker, other)).toBeNull();
    expect(windows.events).toHaveLength(1);
  });

  it('does not forgive for a restart', async () => {
    const { aTracker, bad, good, readOn, buried } = aWorld();
    good(30);
    bad(19);
    expect(await readOn(aTracker())).toBeNull();
    // Whoever starts knows of the nineteen from the store alone.
    bad(1);
    const second = aTracker();
    expect(await readOn(second)).toMatchObject({ code: 'DEAD_LETTER_CAP' });
    expect(await buried()).toHaveLength(19);
  });

  it('goes on by itself when a later version can read the records', async () => {
    const { intake, aTracker, bad, good, readOn, buried, windows, stops } = aWorld();
    bad(40);
    good(3);
    const tracker = aTracker();
    expect(await readOn(tracker)).not.toBeNull();
    const { endOffset } = intake;
    const mendedIntake = new IntakePartition();
    for (let n = 0; n < endOffset; n++) mendedIntake.happened('ada');
    expect(await readOn(tracker, mendedIntake, 20, intake.read(0)!.signal)).toBeNull();
    expect([windows.events.length, await buried(), stops()]).toEqual([33, upTo(10), [true, false]]);
    expect(tracker.stopped()).toEqual([]);
  });

  it('lets pass what an operator let pass, up to the offset and not beyond', async () => {
    const { intake, aTracker, bad, good, readOn, buried, deadLetters, time, stops } = aWorld();
    bad(60);
    const tracker = aTracker();
    expect(await readOn(tracker)).not.toBeNull();
    await deadLetters.letPass({ topic, partition: 0, upToOffset: 34, at: time.now() });
    const error = await readOn(tracker);
    const again = await readOn(tracker);
    expect([error?.code, again?.code]).toEqual(['DEAD_LETTER_CAP', 'DEAD_LETTER_CAP']);
    expect(await buried()).toContain(34);
    const last = (await buried()).at(-1)!;
    expect(last).toBeLessThan(34 + small.maxConsecutive);

    await deadLetters.letPass({ topic, partition: 0, upToOffset: intake.endOffset - 1, at: plus(time.now(), 1) });
    // What was let pass does not count against what comes.
    good(3);
    bad(5);
    expect(await readOn(tracker)).toBeNull();
    expect(await buried()).toHaveLength(65);
    expect(stops().at(-1)).toBe(false);
  });

  it('takes an operator’s word for what had arrived by then only', async () => {
    const { intake, aTracker, bad, readOn, deadLetters } = aWorld();
    bad(40);
    const at = intake.arrivedAt(5);
    await deadLetters.letPass({ topic, partition: 0, upToOffset: 1_000, at });
    expect(await readOn(aTracker())).toMatchObject({ code: 'DEAD_LETTER_CAP' });
  });

  it('buries the records of a chunk that was planned before, whatever they are', async () => {
    const { aTracker, bad, readOn, deadLetters, buried } = aWorld(small, 19);
    bad(19);
    deadLetters.down.add('bury');
    const tracker = aTracker();
    expect(await readOn(tracker, undefined, 19)).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    deadLetters.down.clear();
    bad(1);
    expect(await readOn(aTracker(), undefined, 19)).toMatchObject({ code: 'DEAD_LETTER_CAP' });
    expect(await buried()).toEqual(upTo(19));
  });

  it('no longer tells of a partition that is somebody else’s', async () => {
    const { intake, aTracker, bad, stops } = aWorld(small, 50);
    bad(50);
    const ownership = new AbortController();
    const tracker = aTracker();
    await expect(tracker.fold(intake.read(0, { signal: ownership.signal })!)).rejects.toThrow('stands still');
    ownership.abort();
    expect([tracker.stopped(), stops()]).toEqual([[], [true, false]]);
  });

  it('does not judge at all while the store does not tell what was refused before', async () => {
    const { aTracker, bad, good, readOn, deadLetters, buried } = aWorld();
    good(1);
    bad(1);
    deadLetters.down.add('refusedBetween');
    const tracker = aTracker();
    expect(await readOn(tracker)).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    deadLetters.down.clear();
    expect(await readOn(tracker)).toBeNull();
    expect(await buried()).toEqual([1]);
  });
});

describe('dead letters of a chunk that is repeated', () => {
  it('are the same letters, and the same messages to the byte', async () => {
    const { aTracker, bad, good, readOn, deadLetters, log, time } = aWorld();
    good(2);
    bad(2);
    log.down.add(topics.touched.name);
    const tracker = aTracker();
    expect(await readOn(tracker)).toMatchObject({ code: 'LOG_UNAVAILABLE' });
    const before = await deadLetters.list(10);
    await time.advance('5m');
    log.down.clear();
    expect(await readOn(tracker)).toBeNull();
    const after = await deadLetters.list(10);
    expect(after.map((letter) => ({ ...letter, lastSeenAt: 0 }))).toEqual(
      before.map((letter) => ({ ...letter, lastSeenAt: 0 })),
    );
    expect(after.map(({ firstSeenAt, lastSeenAt }) => lastSeenAt - firstSeenAt)).toEqual([300_000, 300_000]);
    const [first, second, ...repeats] = log.written(topics.deadLetter.name).map(({ value }) => value);
    expect(repeats).toEqual([first, second]);
  });
});

describe('a letter on its topic', () => {
  it('is no larger than brokers take, however large the record; the store has all of it', async () => {
    const { intake, aTracker, deadLetters, log, readOn } = aWorld();
    const value = Buffer.alloc(10 << 20, 0xff);
    intake.holds('\u0001'.repeat(100_000), value);
    const batch = intake.read(0)!;
    const headers = {
      small: '1',
      ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`h${n}`, '\u0001'.repeat(50_000)])),
    };
    await aTracker().fold({ ...batch, records: batch.records.map((record) => ({ ...record, headers })) });
    const [message] = log.written(topics.deadLetter.name);
    expect(message!.value!.byteLength + message!.key.length).toBeLessThan(900_000);
    const envelope = JSON.parse(Buffer.from(message!.value!).toString()) as {
      data: { bytes: number; headers: object };
    };
    expect([envelope.data.bytes, envelope.data.headers]).toEqual([10 << 20, { small: '1' }]);
    const [letter] = await deadLetters.list(1);
    expect([letter!.value.byteLength, Object.keys(letter!.headers).length]).toEqual([10 << 20, 41]);
    expect(await readOn(aTracker())).toBeNull();
  });
});

describe('too far from now', () => {
  it('is judged by when the record arrived, not by when it is read', async () => {
    const { intake, aTracker, readOn, deadLetters, windows, time } = aWorld();
    const day = 86_400_000;
    intake.happened('ada', { at: epochMs(0) });
    intake.happened('ada', { at: epochMs(Date.UTC(2099, 0, 1)) });
    intake.happened('ada', { at: plus(intake.arrivedAt(2), defaultAdmissionLimits.maxAheadMs + 1) });
    intake.happened('ada', { at: plus(intake.arrivedAt(3), defaultAdmissionLimits.maxAheadMs) });
    intake.happened('ada', { at: plus(intake.arrivedAt(4), -defaultAdmissionLimits.maxAgeMs) });
    // By now each would be judged otherwise.
    await time.advance(`${Math.ceil(defaultAdmissionLimits.maxAgeMs / day) + 1}d`);
    expect(await readOn(aTracker())).toBeNull();
    expect((await deadLetters.list(10)).map(({ reason }) => reason)).toEqual(['too-old', 'from-future', 'from-future']);
    expect(windows.events).toHaveLength(2);
  });
});
