import { defaultAdmissionLimits, topics } from '#contracts';
import { epochMs, tenantId } from '#domain';
import { Tracker } from '../tracker/fold.js';
import type { RecordBatch } from '../ports/event-log.js';
import { decodeTouched } from '../tracker/touched.js';
import { IntakePartition } from './intake-partition.js';
import { MemoryDeadLetters } from './memory-dead-letters.js';
import { MemoryLog } from './memory-log.js';
import { MemoryWindowStore } from './memory-window-store.js';

/** A store, a log and one partition; trackers come and go over them. */
export class TrackerWorld {
  readonly windows = new MemoryWindowStore();
  readonly deadLetters = new MemoryDeadLetters();
  readonly log = new MemoryLog();
  readonly intake = new IntakePartition();

  constructor(private readonly maxChunkRecords = 100) {
    this.log.others.push(this.intake);
  }

  aReader(): Reader {
    const { windows, deadLetters, log, intake, maxChunkRecords } = this;
    const tracker = new Tracker({
      windows,
      deadLetters,
      log,
      maxChunkRecords,
      clock: { now: () => epochMs(intake.arrivedAt(intake.written)) },
      observer: () => {},
      partitionOf: () => 0,
      tenant: tenantId('default'),
      limits: defaultAdmissionLimits,
    });
    return new Reader(tracker, intake);
  }

  /** `count` events, each with the number of its record as id. */
  arrive(count: number): this {
    for (let n = 0; n < count; n++) this.intake.happened('ada');
    return this;
  }

  /** Numbers of the folded events. */
  get folded(): readonly number[] {
    return this.windows.events.map((event) => Number(event.id));
  }

  get told(): readonly (readonly [string, number, number])[] {
    return this.log.written(topics.touched.name).flatMap(({ value }) => decodeTouched(value!).progress);
  }
}

/** A tracker and how far a log has brought it: what one member of the group is. */
export class Reader {
  private ownership = new AbortController();
  next = 0;

  constructor(
    readonly tracker: Tracker,
    private readonly intake: IntakePartition,
  ) {}

  /** The group gives it the partition, and the log believes it left off at `next`. */
  assigned(next = 0): this {
    this.ownership.abort();
    this.ownership = new AbortController();
    this.next = next;
    return this;
  }

  get signal(): AbortSignal {
    return this.ownership.signal;
  }

  /** As a log does: brings what it wants; what is not there comes from the start. Null when there is nothing. */
  batch(limit = 100): RecordBatch | null {
    const { startOffset, endOffset } = this.intake.extent;
    const from = this.next > endOffset || this.next < startOffset ? startOffset : this.next;
    return this.intake.read(from, { limit, signal: this.ownership.signal });
  }

  /** Reads until there is nothing more. */
  async readAll(limit = 100): Promise<this> {
    for (let turn = 0; turn < 100; turn++) {
      const batch = this.batch(limit);
      if (batch === null) return this;
      this.next = await this.tracker.fold(batch);
    }
    throw new TypeError(`after 100 batches the tracker still wants ${this.next}`);
  }

  /** How far it says it has read; undefined when it says nothing. */
  get place(): { readonly next: number } | undefined {
    return this.tracker.placeOf(this.intake.topic, this.intake.partition);
  }
}
