import { defaultAdmissionLimits, topics } from '#contracts';
import { epochMs, tenantId } from '#domain';
import { Tracker } from './fold.js';
import { ProgressReport } from './progress.js';
import { IntakePartition } from '../testing/intake-partition.js';
import { MemoryDeadLetters } from '../testing/memory-dead-letters.js';
import { MemoryLog } from '../testing/memory-log.js';
import { MemoryWindowStore } from '../testing/memory-window-store.js';
import { decodeTouched } from './touched.js';

const now = epochMs(Date.UTC(2026, 2, 2));

/** A tracker that owns the activity topic, of which the log says it reaches as far as `intake`. */
function aWorld({ partitions = 1 } = {}) {
  const intake = new IntakePartition();
  const windows = new MemoryWindowStore();
  const log = new MemoryLog(partitions);
  const clock = { now: () => now };
  const limits = defaultAdmissionLimits;
  const deadLetters = new MemoryDeadLetters();
  const tracker = new Tracker({
    windows,
    deadLetters,
    log,
    clock,
    limits,
    observer: () => {},
    partitionOf: () => 0,
    tenant: tenantId('default'),
    maxChunkRecords: 100,
  });
  log.ends = async (names) =>
    names.map((topic) =>
      topic === intake.topic ? intake.extent : { topic, partition: 0, startOffset: 0, endOffset: 7 },
    );
  const transport = { readTo: null as number | null };
  const assignment = {
    assigned: (topic: string) => (topic === intake.topic ? [0] : []),
    readTo: () => transport.readTo,
  };
  const report = new ProgressReport(tracker, log, assignment, clock);
  const messages = () => log.written(topics.touched.name);
  return {
    intake,
    windows,
    log,
    tracker,
    report,
    transport,
    messages,
    last: () => decodeTouched(messages().at(-1)!.value!).progress,
  };
}

describe('the tracker’s progress', () => {
  it('is now while there is nothing to read, told to every partition', async () => {
    const { report, messages, intake, last } = aWorld({ partitions: 3 });
    await report.send();
    expect(messages().map(({ partition }) => partition)).toEqual([0, 1, 2]);
    expect(last()).toEqual([[intake.topic, 0, now]]);
  });

  it('is unknown while there is something and none of it is folded', async () => {
    const { report, messages, intake } = aWorld();
    intake.happened('ada');
    await report.send();
    expect(messages()).toEqual([]);
  });

  it('is now once all is folded, and the last folded record’s time while behind', async () => {
    const { report, intake, tracker, last } = aWorld();
    await tracker.fold(intake.happened('ada').happened('ada').read(0)!);
    await report.send();
    expect(last()).toEqual([[intake.topic, 0, now]]);
    intake.happened('ada');
    await report.send();
    expect(last()).toEqual([[intake.topic, 0, intake.arrivedAt(1) - 1]]);
  });

  it('is unknown while a chunk may be stored in part', async () => {
    const { report, intake, tracker, windows, messages } = aWorld();
    windows.onStep = (step) => {
      if (step === 'folded') throw new Error('no answer');
    };
    await expect(tracker.fold(intake.happened('ada').read(0)!)).rejects.toThrow();
    await report.send();
    expect(messages()).toEqual([]);
  });

  it('is now behind the last record too, once the log has been read over what nobody can read', async () => {
    const { report, intake, tracker, transport, last } = aWorld();
    await tracker.fold(intake.happened('ada').gap().gap().read(0)!);
    await report.send();
    expect(last()).toEqual([[intake.topic, 0, intake.arrivedAt(0) - 1]]);
    transport.readTo = 2;
    await report.send();
    expect(last()).toEqual([[intake.topic, 0, intake.arrivedAt(0) - 1]]);
    transport.readTo = 3;
    await report.send();
    expect(last()).toEqual([[intake.topic, 0, now]]);
  });

  it('is now for a log in which nobody can read anything', async () => {
    const { report, intake, transport, messages, last } = aWorld();
    intake.gap();
    await report.send();
    expect(messages()).toEqual([]);
    transport.readTo = 1;
    await report.send();
    expect(last()).toEqual([[intake.topic, 0, now]]);
  });

  it('is unknown beyond the end of the log, and until the log has shown what it is, though it grow meanwhile', async () => {
    const { report, intake, tracker, windows, messages } = aWorld();
    await tracker.fold(intake.happened('ada').happened('ada').read(0)!);
    const told = messages().length;
    intake.makeAnew();
    intake.happened('bea');
    await report.send();
    expect(messages()).toHaveLength(told);
    intake.happened('bea').happened('bea');
    // It begins exactly where we left off in the topic before it.
    expect(await tracker.fold(intake.read(2)!)).toBe(0);
    await report.send();
    expect(messages()).toHaveLength(told);
    await tracker.fold(intake.read(0)!);
    expect(await tracker.fold(intake.read(0)!)).toBe(3);
    expect(windows.events.map((event) => event.id)).toEqual(['0', '1', '2', '3', '4']);
  });

  it('is not ours to report once somebody else has taken the partition', async () => {
    const { report, intake, tracker, windows, messages } = aWorld();
    await tracker.fold(intake.happened('ada').read(0)!);
    await windows.takeOver(intake.topic, 0);
    await expect(tracker.fold(intake.happened('ada').read(1)!)).rejects.toMatchObject({ code: 'FENCED' });
    const told = messages().length;
    intake.expire(2);
    await report.send();
    expect(messages()).toHaveLength(told);
  });

  it('is not reported when the log cannot be asked', async () => {
    const { report, log, messages } = aWorld();
    log.ends = async () => {
      throw new Error('nothing answers');
    };
    await expect(report.send()).rejects.toThrow();
    expect(messages()).toEqual([]);
  });
});
