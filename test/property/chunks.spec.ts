import fc from 'fast-check';
import { defaultAdmissionLimits, topics } from '#contracts';
import { tenantId } from '#domain';
import type { LogMessage } from '#pipeline';
import { Tracker } from '#pipeline';
import type { WindowStep } from '#pipeline/testing';
import { IntakePartition, MemoryDeadLetters, MemoryLog, MemoryWindowStore } from '#pipeline/testing';
import '../support/seed.js';

type Step = WindowStep | 'tell' | 'told';
/** What befalls the tracker, in order: a step fails, and it lives on, dies, or is followed by another owner. */
type Turn =
  | { readonly kind: 'arrive'; readonly records: readonly ('event' | 'gap' | 'rubbish')[] }
  | { readonly kind: 'read'; readonly limit: number }
  | { readonly kind: 'fail'; readonly at: Step }
  | { readonly kind: 'restart' }
  /** The partition goes to the other tracker, whose log may have missed how far this one came. */
  | { readonly kind: 'hand over'; readonly back: number };

const turns = fc.array(
  fc.oneof(
    fc.record<Turn & { kind: 'arrive' }>({
      kind: fc.constant('arrive'),
      records: fc.array(fc.constantFrom('event', 'event', 'event', 'gap', 'rubbish'), { minLength: 1, maxLength: 9 }),
    }),
    fc.record<Turn & { kind: 'read' }>({ kind: fc.constant('read'), limit: fc.integer({ min: 1, max: 9 }) }),
    fc.record<Turn & { kind: 'fail' }>({
      kind: fc.constant('fail'),
      at: fc.constantFrom('takeOver', 'takenOver', 'plan', 'planned', 'fold', 'folded', 'tell', 'told'),
    }),
    fc.constant<Turn>({ kind: 'restart' }),
    fc.record<Turn & { kind: 'hand over' }>({
      kind: fc.constant('hand over'),
      back: fc.integer({ min: 0, max: 12 }),
    }),
  ),
  { maxLength: 60, size: 'max' },
);

class FailingLog extends MemoryLog {
  onStep: (step: Step) => void = () => {};

  override async append(topic: string, messages: readonly LogMessage[]): Promise<void> {
    if (topic !== topics.touched.name) return super.append(topic, messages);
    this.onStep('tell');
    await super.append(topic, messages);
    this.onStep('told');
  }
}

/** A store whose inserts have no name: what the engine does when nobody gives it a token. */
class ForgetfulStore extends MemoryWindowStore {
  protected override takes(): boolean {
    return true;
  }
}

/** Plays the turns, then lets the tracker read on to the end. Answers the folded events and those that had arrived. */
async function play(story: readonly Turn[], windows: MemoryWindowStore): Promise<{ folded: number[]; sent: number[] }> {
  const intake = new IntakePartition();
  const log = new FailingLog();
  log.others.push(intake);
  const sent: number[] = [];
  const aTracker = (): Tracker =>
    new Tracker({
      windows,
      deadLetters: new MemoryDeadLetters(),
      log,
      clock: { now: () => intake.arrivedAt(intake.endOffset) },
      observer: () => {},
      partitionOf: () => 0,
      tenant: tenantId('default'),
      limits: defaultAdmissionLimits,
      maxChunkRecords: 4,
    });
  let trackers = [aTracker(), aTracker()] as [Tracker, Tracker];
  let ownership = new AbortController();
  let next = 0;
  let failing: Step | null = null;
  const onStep = (step: Step): void => {
    if (failing !== step) return;
    failing = null;
    throw new Error(`no answer to ${step}`);
  };
  windows.onStep = onStep;
  log.onStep = onStep;

  const arrive = (kind: 'event' | 'gap' | 'rubbish'): void => {
    if (kind === 'event') sent.push(intake.endOffset);
    if (kind === 'event') intake.happened('ada');
    else if (kind === 'gap') intake.gap();
    else intake.holds('ada', 'rubbish');
  };
  const read = async (limit: number): Promise<boolean> => {
    const batch = intake.read(next, { limit, signal: ownership.signal });
    if (batch === null) return false;
    try {
      next = await trackers[0].fold(batch);
    } catch (error) {
      // A test's own complaint is no failing step.
      if (error instanceof TypeError) throw error;
    }
    return true;
  };
  for (const turn of story) {
    if (turn.kind === 'arrive') turn.records.forEach(arrive);
    else if (turn.kind === 'read') await read(turn.limit);
    else if (turn.kind === 'fail') failing = turn.at;
    else if (turn.kind === 'restart') trackers = [aTracker(), trackers[1]];
    else {
      ownership.abort();
      ownership = new AbortController();
      trackers = [trackers[1], trackers[0]];
      next = Math.max(0, next - turn.back);
    }
  }
  failing = null;
  for (let turn = 0; await read(5); turn++) if (turn > 1_000) throw new TypeError(`stuck before ${next}`);
  return { folded: windows.events.map((event) => Number(event.id)), sent: [...sent] };
}

describe('whatever fails, dies, or changes hands', () => {
  it('every record is folded exactly once, in order, and a chunk’s name never comes with other rows', async () => {
    let repeated = 0;
    await fc.assert(
      fc.asyncProperty(turns, async (story) => {
        const windows = new MemoryWindowStore();
        const { folded, sent } = await play(story, windows);
        expect(folded).toEqual(sent);
        repeated += windows.asked.length - new Set(windows.asked).size;
      }),
      { numRuns: 2_000 },
    );
    // Otherwise the property would hold for want of trouble.
    expect(repeated).toBeGreaterThan(1_000);
  }, 120_000);

  it('is seen to break on a store that does not know a repeated chunk', async () => {
    const broken = await fc.check(
      fc.asyncProperty(turns, async (story) => {
        const { folded, sent } = await play(story, new ForgetfulStore());
        expect(folded).toEqual(sent);
      }),
      { numRuns: 2_000 },
    );
    expect(broken.failed).toBe(true);
  }, 120_000);
});
