import fc from 'fast-check';
import { defaultAdmissionLimits } from '#contracts';
import type { ActivityEvent, EpochMs } from '#domain';
import { DAY, epochMs, plus, tenantId } from '#domain';
import type { Chunk, Fence, PlacedEvent } from '#pipeline';
import { Duplicates, Tracker } from '#pipeline';
import {
  IntakePartition,
  MemoryDeadLetters,
  MemoryIdentityStore,
  MemoryLog,
  MemoryWindowStore,
} from '#pipeline/testing';
import '../support/seed.js';

type Step = 'plan' | 'planned' | 'fold' | 'folded';

interface Sending {
  readonly id: number;
  readonly customer: string;
  /** How much later than the one before; a clock may also be set back. */
  readonly afterMinutes: number;
}
type Turn =
  | { readonly kind: 'send'; readonly sendings: readonly Sending[] }
  | { readonly kind: 'read'; readonly limit: number }
  | { readonly kind: 'fail'; readonly at: Step; readonly idsFirst: boolean }
  | { readonly kind: 'restart' }
  /** The partition goes to the other process, which may be brought records again that were folded. */
  | { readonly kind: 'hand over'; readonly back: number };

const sending = fc.record<Sending>({
  id: fc.integer({ min: 1, max: 6 }),
  customer: fc.constantFrom('ada', 'ada', 'bea'),
  afterMinutes: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 300 }) },
    { weight: 1, arbitrary: fc.integer({ min: -600, max: 3_000 }) },
  ),
});
const turns = fc.array(
  fc.oneof(
    fc.record<Turn & { kind: 'send' }>({
      kind: fc.constant('send'),
      sendings: fc.array(sending, { minLength: 1, maxLength: 9 }),
    }),
    fc.record<Turn & { kind: 'read' }>({ kind: fc.constant('read'), limit: fc.integer({ min: 1, max: 9 }) }),
    fc.record<Turn & { kind: 'fail' }>({
      kind: fc.constant('fail'),
      at: fc.constantFrom('plan', 'planned', 'fold', 'folded'),
      idsFirst: fc.boolean(),
    }),
    fc.constant<Turn>({ kind: 'restart' }),
    fc.record<Turn & { kind: 'hand over' }>({ kind: fc.constant('hand over'), back: fc.integer({ min: 0, max: 12 }) }),
  ),
  { maxLength: 50, size: 'max' },
);

/** A partition whose records come when the story says so. */
class TimedPartition extends IntakePartition {
  readonly sent: { readonly identity: string; readonly at: EpochMs }[] = [];
  private now = epochMs(Date.UTC(2026, 2, 1));

  override arrivedAt(): EpochMs {
    return this.now;
  }

  send({ id, customer, afterMinutes }: Sending): void {
    this.now = plus(this.now, afterMinutes * 60_000);
    this.sent.push({ identity: `${customer} ${id}`, at: this.now });
    const event = { specversion: '1.0', source: 'shop', id: String(id), type: 'order', subject: customer };
    this.holds(customer, JSON.stringify(event));
  }
}

/** Keeps identities apart from events, as a table and its view are: a failing insert may leave the one without the other. */
class StoreInParts extends MemoryWindowStore {
  readonly identities = new MemoryIdentityStore(3);
  idsFirst = false;
  readonly #kept = new Set<string>();

  override async fold(chunk: Chunk, events: readonly PlacedEvent[], fence: Fence): Promise<void> {
    if (this.idsFirst && this.holds(fence)) this.keepOnce(chunk, events);
    await super.fold(chunk, events, fence);
    this.keepOnce(chunk, events);
  }

  private keepOnce(chunk: Chunk, events: readonly PlacedEvent[]): void {
    const name = `${chunk.epoch}:${chunk.firstOffset}-${chunk.lastOffset}`;
    if (!this.#kept.has(name)) this.identities.keep(chunk, events);
    this.#kept.add(name);
  }
}

/** What a clear head with the whole log before it would count: offsets. */
function countedOnce(sent: TimedPartition['sent'], windowMs: number): number[] {
  const counted = new Map<string, EpochMs[]>();
  return sent.flatMap(({ identity, at }, offset) => {
    const earlier = counted.get(identity) ?? [];
    if (earlier.some((other) => Math.abs(at - other) <= windowMs)) return [];
    counted.set(identity, [...earlier, at]);
    return [offset];
  });
}

interface Played {
  readonly counted: readonly number[];
  readonly wanted: readonly number[];
  readonly windows: StoreInParts;
}

async function play(
  story: readonly Turn[],
  { recognises = true, learns = true, memoryBytes = 4_096 } = {},
): Promise<Played> {
  const intake = new TimedPartition();
  const windows = new StoreInParts();
  if (!learns) windows.identities.newest = async function* () {};
  const log = new MemoryLog();
  log.others.push(intake);
  const clock = { now: () => intake.arrivedAt() };
  const aTracker = (): Tracker =>
    new Tracker({
      windows,
      deadLetters: new MemoryDeadLetters(),
      log,
      clock,
      observer: () => {},
      partitionOf: () => 0,
      tenant: tenantId('default'),
      limits: defaultAdmissionLimits,
      maxChunkRecords: 4,
      ...(recognises
        ? { duplicates: new Duplicates({ store: windows.identities, clock, windowMs: DAY, memoryBytes }) }
        : {}),
    });
  let trackers = [aTracker(), aTracker()] as [Tracker, Tracker];
  let ownership = new AbortController();
  let next = 0;
  let failing: Step | null = null;
  windows.onStep = (step) => {
    if (failing !== step) return;
    failing = null;
    throw new Error(`no answer to ${step}`);
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
    if (turn.kind === 'send') turn.sendings.forEach((one) => intake.send(one));
    else if (turn.kind === 'read') await read(turn.limit);
    else if (turn.kind === 'fail') [failing, windows.idsFirst] = [turn.at, turn.idsFirst];
    else {
      ownership.abort();
      ownership = new AbortController();
      if (turn.kind === 'restart') trackers = [aTracker(), trackers[1]];
      else {
        trackers = [trackers[1], trackers[0]];
        next = Math.max(0, next - turn.back);
      }
    }
  }
  failing = null;
  for (let turn = 0; await read(5); turn++) if (turn > 1_000) throw new TypeError(`stuck before ${next}`);
  const counted = windows.events.map((event) => (event as ActivityEvent & { readonly offset: number }).offset);
  return { counted, wanted: countedOnce(intake.sent, DAY), windows };
}

describe('whatever a producer sends again, and whatever fails, dies or changes hands', () => {
  it.each([
    ['a roomy filter', 4_096],
    ['a filter that is full from the start', 64],
  ])(
    'each identity is counted once inside the window, always the first, with %s',
    async (_, memoryBytes) => {
      const seen = { repeatedChunks: 0, leftOut: 0, again: 0, asked: 0 };
      await fc.assert(
        fc.asyncProperty(turns, async (story) => {
          const { counted, wanted, windows } = await play(story, { memoryBytes });
          expect(counted).toEqual(wanted);
          seen.repeatedChunks += windows.asked.length - new Set(windows.asked).size;
          seen.leftOut += windows.plans.at(-1) === undefined ? 0 : windows.plans.at(-1)!.lastOffset + 1 - wanted.length;
          seen.again += wanted.length - new Set(windows.events.map(({ customer, id }) => `${customer} ${id}`)).size;
          seen.asked += windows.identities.asked.length;
        }),
        { numRuns: 1_500 },
      );
      // Otherwise the property would hold for want of trouble.
      for (const count of Object.values(seen)) expect(count).toBeGreaterThan(500);
    },
    120_000,
  );

  it('is seen to break when nobody recognises what was sent again', async () => {
    const broken = await fc.check(
      fc.asyncProperty(turns, async (story) => {
        const { counted, wanted } = await play(story, { recognises: false });
        expect(counted).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
    expect(broken.failed).toBe(true);
  }, 120_000);

  it('is seen to break when whoever takes a partition up does not learn what was counted before', async () => {
    const broken = await fc.check(
      fc.asyncProperty(turns, async (story) => {
        const { counted, wanted } = await play(story, { learns: false });
        expect(counted).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
    expect(broken.failed).toBe(true);
  }, 120_000);
});
