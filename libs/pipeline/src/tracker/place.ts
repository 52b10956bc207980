import type { EpochMs } from '#domain';
import { epochMs } from '#domain';
import type { EventLog, LogRecord, RecordBatch } from '../ports/event-log.js';
import type { Fence } from '../ports/fence.js';
import type { Extent, Plan, WindowStore } from '../ports/window-store.js';
import { likeness } from './print.js';

/** Where a partition stands. */
export interface Place {
  /** Under which ownership this holds: after another one, somebody else may have stored more. */
  readonly owner: AbortSignal;
  readonly fence: Fence;
  epoch: number;
  /** Offset of the next record to read. */
  next: number;
  /** `next` was asked of the log: what it brings now is the first it has from there on. */
  asked: boolean;
  /** The chunk to be found in the log before anything else. */
  repeat: Plan | null;
  /** False: `repeat` is ours, and nobody may have written it down yet. */
  planned: boolean;
  /** Records of `repeat` that came so far. */
  held: LogRecord[];
  /** The last chunk is not in the log as it was planned: earlier ones to look for, nearest first. */
  earlier: Plan[] | null;
  /** The log is to show our last chunk once more, wherever it goes on. */
  isDoubted: boolean;
  /** The chunk stored last. */
  last: Plan | null;
  /** Everything that had arrived up to here is folded. */
  readUpTo: EpochMs;
}

/** Takes a partition over. What the predecessor planned is read only once it can store nothing more. */
export async function takeUp({ topic, partition, signal }: RecordBatch, windows: WindowStore): Promise<Place> {
  const fence = await windows.takeOver(topic, partition);
  const plan = await windows.lastPlan(topic, partition);
  return {
    owner: signal,
    fence,
    epoch: plan?.epoch ?? 0,
    next: plan?.firstOffset ?? 0,
    asked: false,
    repeat: plan,
    planned: true,
    held: [],
    earlier: null,
    isDoubted: false,
    last: null,
    readUpTo: epochMs(0),
  };
}

/**
 * Where to begin to read: the chunk planned last is the only one that may be stored in part, and what the store has never
 * planned is read from the start. So is a log that does not reach as far as the store has read.
 */
export async function whereToBegin(
  windows: Pick<WindowStore, 'lastPlan'>,
  log: Pick<EventLog, 'ends'>,
  topic: string,
  partition: number,
): Promise<number> {
  const plan = await windows.lastPlan(topic, partition);
  if (plan === null) return 0;
  const end = (await log.ends([topic])).find((each) => each.partition === partition);
  return end !== undefined && end.endOffset <= plan.lastOffset ? end.startOffset : plan.firstOffset;
}

/** `wait`: the log is to bring `place.next`. `repeat`: these records are the chunk to repeat. `go on`: nothing is to be repeated. */
export type Way =
  | { readonly kind: 'wait' }
  | { readonly kind: 'repeat'; readonly records: readonly LogRecord[] }
  | { readonly kind: 'go on' };

const wait: Way = { kind: 'wait' };
const goOn: Way = { kind: 'go on' };

/**
 * Finds the way from a place into a batch, which may begin anywhere: offsets committed to a log are a hint, logs expire,
 * are cleaned up, lose their end, and are made anew under the same name. Whenever a batch does not begin where it should,
 * the last planned chunk is read again; unless it is there as it was planned, this is another log, or another end of it,
 * and a new epoch begins.
 */
export class Wayfinder {
  constructor(
    private readonly windows: WindowStore,
    private readonly log: EventLog,
  ) {}

  async find(place: Place, batch: RecordBatch): Promise<Way> {
    const first = batch.records[0]!.offset;
    const last = batch.records.at(-1)!.offset;
    const isBack = first < place.next || place.isDoubted;
    if (isBack && place.repeat === null && place.last !== null) lookFor(place, place.last);
    if (!place.asked && !(first <= place.next && last >= place.next)) {
      // Offsets that nobody can read (a producer's transaction markers) are no reason to ask, as long as we know the log.
      const isGap = first > place.next && (place.held.length > 0 || (place.repeat === null && place.last !== null));
      // What the log does not reach to is not asked for: it would bring nothing before it has grown that far.
      const isBeyond = place.repeat !== null && batch.endOffset <= place.repeat.lastOffset;
      if (!isGap && !isBeyond) return ask(place);
    }
    if (place.repeat !== null) return this.recall(place, place.repeat, batch);
    if (last >= place.next) return goOn;
    // Nothing of what was asked for: an earlier batch still under way, or the log has lost its end once more.
    const plan = batch.endOffset < place.next ? await this.windows.lastPlan(batch.topic, batch.partition) : null;
    if (plan !== null) lookFor(place, plan);
    return ask(place);
  }

  private async recall(place: Place, repeat: Plan, batch: RecordBatch): Promise<Way> {
    const inside = ({ offset }: LogRecord): boolean => offset >= place.next && offset <= repeat.lastOffset;
    const held = [...place.held, ...batch.records.filter(inside)];
    if (batch.records.at(-1)!.offset < repeat.lastOffset) {
      const extent = batch.endOffset <= repeat.lastOffset ? await this.extentOf(batch) : null;
      // The brokers themselves say so: a batch may tell of an end that has moved since.
      if (extent !== null && extent.endOffset <= repeat.lastOffset) {
        const begins = held.length > 0 && likeness(repeat, held) === 'same' && held[0]!.offset === repeat.firstOffset;
        return this.miss(place, repeat, extent, begins ? 'parted' : 'other');
      }
      place.held = held;
      if (held.length > 0) place.next = held.at(-1)!.offset + 1;
      return wait;
    }
    if (held.length === 0) {
      // The log goes on behind it and has nothing of it: it has expired, and can never be repeated.
      if (place.earlier !== null) return this.lookFurther(place);
      return settle(place, place.epoch, Math.max(place.next, repeat.lastOffset + 1));
    }
    const like = likeness(repeat, held);
    if (like !== 'same') return this.miss(place, repeat, await this.extentOf(batch), like);
    if (place.earlier !== null) return settle(place, place.epoch + 1, repeat.lastOffset + 1);
    if (repeat !== place.last) return { kind: 'repeat', records: held };
    // We stored it ourselves, so it is not stored in part.
    Object.assign(place, { next: repeat.lastOffset + 1, repeat: null, held: [] });
    return goOn;
  }

  /** The chunk is not there as it was planned. */
  private async miss(place: Place, repeat: Plan, extent: Extent, like: 'parted' | 'other'): Promise<Way> {
    // Only the end is lost. Of this chunk nobody knows what had been stored: better repeated than left out.
    if (like === 'parted') return settle(place, place.epoch + 1, repeat.firstOffset);
    place.earlier ??= [...(await this.windows.plansBefore(repeat, extent))];
    return this.lookFurther(place);
  }

  private lookFurther(place: Place): Way {
    const next = place.earlier!.shift();
    if (next === undefined) {
      place.readUpTo = epochMs(0);
      return settle(place, place.epoch + 1, 0);
    }
    lookFor(place, next);
    return ask(place);
  }

  private async extentOf({ topic, partition }: RecordBatch): Promise<Extent> {
    const ends = await this.log.ends([topic]);
    return ends.find((end) => end.partition === partition) ?? { startOffset: 0, endOffset: 0 };
  }
}

function ask(place: Place): Way {
  place.asked = true;
  return wait;
}

/** Nothing is to be repeated: reading goes on at `next`. */
function settle(place: Place, epoch: number, next: number): Way {
  const isSameLog = epoch === place.epoch;
  Object.assign(place, { epoch, next, repeat: null, held: [], earlier: null, last: null });
  if (isSameLog) return goOn;
  return ask(place);
}

/** Before anything else the log has to show this chunk. */
function lookFor(place: Place, chunk: Plan): void {
  Object.assign(place, {
    repeat: chunk,
    planned: true,
    next: chunk.firstOffset,
    asked: false,
    held: [],
    isDoubted: false,
  });
}
