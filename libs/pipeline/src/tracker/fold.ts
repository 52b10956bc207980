import type { AdmissionLimits } from '#contracts';
import { deadLetterEnvelope, encodeEnvelope, topics } from '#contracts';
import type { Clock, EpochMs, TenantId } from '#domain';
import { ChurnError, plus } from '#domain';
import type { CapLimits } from './dead-letter-cap.js';
import { DeadLetterCap } from './dead-letter-cap.js';
import type { Duplicates } from './duplicates.js';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.js';
import type { EventLog, LogRecord, RecordBatch } from '../ports/event-log.js';
import type { Observer } from '../ports/observer.js';
import type { Place } from './place.js';
import { takeUp, Wayfinder } from './place.js';
import type { WindowStore } from '../ports/window-store.js';
import { printsOf } from './print.js';
import { readRecords } from './read-chunk.js';
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
  /** Without it whatever a producer sends twice is counted twice. */
  readonly duplicates?: Duplicates;
  /** Default: defaultCapLimits. */
  readonly cap?: CapLimits;
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

  /** Partitions that somebody else has taken, and under which ownership we had them. */
  private readonly lost = new Map<string, AbortSignal>();
  private readonly ways: Wayfinder;
  private readonly cap: DeadLetterCap;

  constructor(private readonly parts: TrackerParts) {
    this.ways = new Wayfinder(parts.windows, parts.log);
    this.cap = new DeadLetterCap(parts.deadLetters, parts.observer, parts.cap);
  }

  /** Answers with the offset it wants next (see BatchHandler). Throws ChurnError FENCED when somebody else has taken over. */
  async fold(batch: RecordBatch): Promise<number> {
    const key = placeKey(batch.topic, batch.partition);
    if (this.lost.get(key) === batch.signal) throw new ChurnError('FENCED', `${key} is somebody else’s`);
    try {
      return batch.signal.aborted ? batch.records[0]!.offset : await this.take(batch, key);
    } catch (error) {
      if (error instanceof ChurnError && error.code === 'FENCED') {
        // What we know of it is no longer so; under this ownership it is not ours to try again.
        this.lost.set(key, batch.signal);
        this.places.delete(key);
      }
      throw error;
    }
  }

  /** How far a partition has been folded; undefined while that is not known, or no longer ours to know. */
  placeOf(topic: string, partition: number): { readonly next: number; readonly readUpTo: EpochMs } | undefined {
    const place = this.places.get(placeKey(topic, partition));
    return place?.repeat === null && !place.owner.aborted ? place : undefined;
  }

  /** Whether we have nothing to say about a partition: somebody else has taken it, or its last chunk is still to be found. */
  isInDoubt(topic: string, partition: number): boolean {
    const key = placeKey(topic, partition);
    const place = this.places.get(key);
    return (
      this.lost.get(key)?.aborted === false || (place !== undefined && place.repeat !== null && !place.owner.aborted)
    );
  }

  /** Somebody saw that the log no longer reaches as far as we have read. */
  doubt(topic: string, partition: number): void {
    const place = this.places.get(placeKey(topic, partition));
    if (place) place.isDoubted = true;
  }

  /** Partitions that stand still since too much of them is refused. */
  stopped(): readonly string[] {
    return this.cap.stopped();
  }

  private async take(batch: RecordBatch, key: string): Promise<number> {
    let place = this.places.get(key);
    if (place?.owner !== batch.signal) {
      this.places.delete(key);
      // Who slept through a change of owners finds out here, before taking anything from the new one.
      await batch.heartbeat();
      if (batch.signal.aborted) return batch.records[0]!.offset;
      place = await takeUp(batch, this.parts.windows);
      this.places.set(key, place);
    }
    const way = await this.ways.find(place, batch);
    if (way.kind === 'wait') return place.next;
    if (way.kind === 'repeat') await this.store(batch, place, way.records);
    await this.goOn(batch, place);
    const left = batch.endOffset - place.next;
    this.parts.observer({ kind: 'lag', topic: batch.topic, partition: batch.partition, records: Math.max(0, left) });
    return place.next;
  }

  private async goOn(batch: RecordBatch, place: Place): Promise<void> {
    const fresh = batch.records.filter((record) => record.offset >= place.next);
    for (let start = 0; start < fresh.length && !batch.signal.aborted;) {
      const most = fresh.slice(start, start + this.parts.maxChunkRecords);
      const records = most.slice(0, this.cap.longestChunk(batch, most));
      await this.store(batch, place, records);
      start += records.length;
      await batch.heartbeat();
    }
  }

  private async store(batch: RecordBatch, place: Place, records: readonly LogRecord[]): Promise<void> {
    const { topic, partition } = batch;
    const { windows, log, observer } = this.parts;
    const started = performance.now();
    const { offset: lastOffset, timestamp } = records.at(-1)!;
    // More records of the same millisecond may follow.
    const readUpTo = plus(timestamp, -1);
    const range = { topic, partition, epoch: place.epoch, firstOffset: records[0]!.offset, lastOffset };
    const chunk = place.repeat ?? { ...range, ...printsOf(records) };
    const { events: read, letters } = readRecords(chunk, records, this.parts, this.parts.clock.now());
    // A chunk that was planned was judged before, or its letters may be buried in part.
    const verdict = place.repeat === null ? await this.cap.judge(batch, chunk.epoch, records, letters) : null;

    const sifted = await this.parts.duplicates?.sift(chunk, read, batch.signal);
    const events = sifted?.fresh ?? read;

    if (place.repeat === null) Object.assign(place, { repeat: chunk, planned: false });
    // Whatever fails from here on is repeated as this very chunk, however many records the next batch brings.
    if (!place.planned) await windows.plan(chunk, place.fence);
    place.planned = true;
    await windows.fold(chunk, events, place.fence);
    await this.bury(letters);
    // After the fold: whoever is evaluated because of this record finds the windows moved.
    const count = await log.partitionCount(topics.touched.name);
    const messages = touchedMessages({ events, progress: [topic, partition, readUpTo] }, count, this.parts);
    await log.append(topics.touched.name, messages);

    this.cap.settle(batch, verdict);
    const next = chunk.lastOffset + 1;
    Object.assign(place, { next, asked: false, repeat: null, held: [], last: chunk, readUpTo });
    observer({ kind: 'folded', topic, events: events.length, tookMs: performance.now() - started });
    if (sifted && sifted.asked > 0) observer({ kind: 'duplicates', topic, count: sifted.repeats, asked: sifted.asked });
    for (const [reason, count] of countBy(letters, (letter) => letter.reason))
      observer({ kind: 'rejected', by: 'tracker', reason, count });
  }

  private async bury(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    await this.parts.deadLetters.bury(letters);
    await this.parts.log.append(
      topics.deadLetter.name,
      letters.map((letter) => ({
        // A key as large as a record would not pass as a letter's.
        key: letter.key !== null && letter.key.length <= 1_000 ? letter.key : letter.id,
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
