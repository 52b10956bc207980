import type { AdmissionLimits } from '#contracts';
import { decodeEvent, deadLetterEnvelope, encodeEnvelope, topics } from '#contracts';
import type { ActivityEvent, Clock, EpochMs, TenantId } from '#domain';
import { epochMs, plus } from '#domain';
import type { DeadLetter, DeadLetters } from './ports/dead-letters.js';
import type { EventLog, LogRecord, RecordBatch } from './ports/event-log.js';
import type { Observer } from './ports/observer.js';
import type { Chunk, WindowStore } from './ports/window-store.js';
import { touchedMessages } from './touched.js';

export interface TrackerParts {
  readonly windows: WindowStore;
  readonly deadLetters: DeadLetters;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly partitionOf: (key: string, count: number) => number;
  readonly tenant: TenantId;
  readonly limits: AdmissionLimits;
  readonly maxChunkRecords: number;
}

/** Where a partition stands. */
interface Place {
  /** Offset of the next record to fold. */
  next: number;
  /** The chunk that may be stored in part, to be repeated with exactly its boundaries before anything else. */
  repeat: Chunk | null;
  /** Records of `repeat` that came so far. */
  held: LogRecord[];
  /** Everything that had arrived up to here is folded. */
  readUpTo: EpochMs;
  /** Under which ownership this holds: after another one, somebody else may have stored more. */
  readonly owner: AbortSignal;
}

const placeKey = (topic: string, partition: number): string => `${topic}/${partition}`;

/**
 * Folds intake records into events and windows, exactly once.
 *
 * Records are cut into chunks of consecutive offsets. A chunk's boundaries are written down before its rows, and name
 * the insert: after a crash the last planned chunk is read again, cut at the same boundaries and stored under the same
 * name, which changes nothing where it was already stored and completes it where it was not. Offsets committed to the
 * log are only a hint where to start reading.
 */
export class Tracker {
  private readonly places = new Map<string, Place>();

  constructor(private readonly parts: TrackerParts) {}

  /** Answers with the offset it wants next (see BatchHandler). */
  async fold(batch: RecordBatch): Promise<number> {
    const key = placeKey(batch.topic, batch.partition);
    const first = batch.records[0]!.offset;
    let place = this.places.get(key);
    if (place?.owner !== batch.signal) place = undefined;
    if (place === undefined || place.next !== first) {
      place = await this.findPlace(batch, place);
      this.places.set(key, place);
    }
    // Ask for the chunk to be repeated; if it has expired from the log the next batch starts later, and we go on there.
    if (place.repeat !== null && first > place.next) return place.next;

    const fresh = batch.records.filter((record) => record.offset >= place.next);
    for (let start = 0; start < fresh.length && !batch.signal.aborted;) {
      const taken = this.takeChunk(place, fresh, start);
      start = taken.upTo;
      if (taken.records.length > 0) await this.store(batch, place, taken.records);
      await batch.heartbeat();
    }
    const left = batch.endOffset - place.next;
    this.parts.observer({ kind: 'lag', topic: batch.topic, partition: batch.partition, records: Math.max(0, left) });
    return place.next;
  }

  /** How far a partition has been folded; undefined before its first batch. */
  placeOf(topic: string, partition: number): { readonly next: number; readonly readUpTo: EpochMs } | undefined {
    const place = this.places.get(placeKey(topic, partition));
    return place?.repeat === null ? place : undefined;
  }

  private async findPlace(batch: RecordBatch, known: Place | undefined): Promise<Place> {
    const first = batch.records[0]!.offset;
    const plan = await this.parts.windows.lastPlan(batch.topic, batch.partition);
    const place: Place = {
      next: first,
      repeat: null,
      held: [],
      readUpTo: known?.readUpTo ?? epochMs(0),
      owner: batch.signal,
    };
    if (plan === null) return place;
    const planDone = known !== undefined && known.repeat === null && plan.lastOffset < known.next;
    // A gap in the offsets (a producer's transaction markers): nothing is missing.
    if (planDone) return { ...place, next: Math.max(first, known.next) };
    // The same gap inside a chunk that comes in several batches.
    if (known && known.held.length > 0 && first > known.next) return { ...known, next: first };
    // We asked for the planned chunk and the log no longer has its start: it can never be repeated, so go on behind it.
    const expired =
      known?.repeat?.firstOffset === plan.firstOffset && first > plan.firstOffset && known.held.length === 0;
    if (expired) return { ...place, next: Math.max(first, plan.lastOffset + 1) };
    return { ...place, next: plan.firstOffset, repeat: plan };
  }

  /** The next chunk out of `records`, or nothing while the one to repeat is not complete. Moves `place.next` only for held records. */
  private takeChunk(
    place: Place,
    records: readonly LogRecord[],
    start: number,
  ): { records: readonly LogRecord[]; upTo: number } {
    // The log has records behind the chunk to repeat but none of its own: it is gone.
    if (place.repeat && place.held.length === 0 && records[start]!.offset > place.repeat.lastOffset)
      place.repeat = null;
    const repeat = place.repeat;
    if (repeat === null) {
      const upTo = Math.min(records.length, start + this.parts.maxChunkRecords);
      return { records: records.slice(start, upTo), upTo };
    }
    let upTo = start;
    while (upTo < records.length && records[upTo]!.offset <= repeat.lastOffset) upTo++;
    const held = [...place.held, ...records.slice(start, upTo)];
    const complete = upTo < records.length || held.at(-1)?.offset === repeat.lastOffset;
    if (complete) return { records: held, upTo };
    place.held = held;
    place.next = held.at(-1)!.offset + 1;
    return { records: [], upTo };
  }

  private async store(batch: RecordBatch, place: Place, records: readonly LogRecord[]): Promise<void> {
    const { topic, partition } = batch;
    const { windows, log, observer } = this.parts;
    const started = performance.now();
    const { events, letters } = this.read(batch, records);
    const { offset: lastOffset, timestamp } = records.at(-1)!;
    // More records of the same millisecond may follow.
    const readUpTo = plus(timestamp, -1);
    const chunk = place.repeat ?? { topic, partition, epoch: 0, firstOffset: records[0]!.offset, lastOffset };

    if (place.repeat === null) await windows.plan(chunk);
    // Whatever fails from here on is repeated as this very chunk, however many records the next batch brings.
    place.repeat = chunk;
    await windows.fold(chunk, events);
    await this.bury(letters);
    // After the fold: whoever is evaluated because of this record finds the windows moved.
    const count = await log.partitionCount(topics.touched.name);
    const messages = touchedMessages({ events, progress: [topic, partition, readUpTo] }, count, this.parts);
    await log.append(topics.touched.name, messages);

    place.next = chunk.lastOffset + 1;
    place.repeat = null;
    place.held = [];
    place.readUpTo = readUpTo;
    observer({ kind: 'folded', topic, events: events.length, tookMs: performance.now() - started });
    for (const [reason, count] of countBy(letters, (letter) => letter.reason))
      observer({ kind: 'rejected', by: 'tracker', reason, count });
  }

  private read(batch: RecordBatch, records: readonly LogRecord[]): { events: ActivityEvent[]; letters: DeadLetter[] } {
    const { limits, tenant, clock } = this.parts;
    const events: ActivityEvent[] = [];
    const letters: DeadLetter[] = [];
    const now = clock.now();
    for (const record of records) {
      const value = record.value ?? new Uint8Array();
      // Judged by when it arrived, not by now: a repeat of the chunk must come to the same rows.
      const arrival = { tenant, receivedAt: record.timestamp, now: record.timestamp, trusted: true };
      const admission = decodeEvent(value, record.headers, { ...limits, ...arrival });
      if (admission.kind === 'admitted') {
        events.push(admission.event);
        continue;
      }
      const { topic, partition } = batch;
      const id = `${topic}/${partition}/${record.offset}`;
      const { reason, detail } = admission;
      letters.push({ id, reason, detail, topic, partition, offset: record.offset, key: record.key, value, at: now });
    }
    return { events, letters };
  }

  private async bury(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    await this.parts.deadLetters.bury(letters);
    await this.parts.log.append(
      topics.deadLetter.name,
      letters.map((letter) => ({
        key: letter.key ?? letter.id,
        value: encodeEnvelope(deadLetterEnvelope(letter)),
        timestamp: letter.at,
      })),
    );
  }
}

function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
