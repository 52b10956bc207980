import { encodeEnvelope, topics } from '#contracts';
import type { Clock, EpochMs } from '#domain';
import { epochMs, isoOf, plus } from '#domain';
import type { LogRecord, PartitionEnd, RecordBatch } from '../ports/event-log.js';

interface Reading {
  /** Most records in the batch. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly heartbeat?: () => Promise<void>;
}

/** One partition of an intake topic, written by the test and read in batches of any cut. The nth record ever written arrives at second n. */
export class IntakePartition {
  readonly #records: LogRecord[] = [];
  readonly #ownership = new AbortController();
  #startOffset = 0;
  #endOffset = 0;
  /** How many offsets were given out that the log gives out once more. */
  #lost = 0;

  constructor(
    readonly topic: string = topics.activity.name,
    readonly partition = 0,
    private readonly start: EpochMs = epochMs(Date.UTC(2026, 2, 1)),
    /** Records arrive by this clock, if there is one. */
    private readonly clock: Clock | null = null,
  ) {}

  get endOffset(): number {
    return this.#endOffset;
  }

  /** How many records were ever written, gaps too: the number of the next. A record's number is its offset, unless the log lost some. */
  get written(): number {
    return this.#lost + this.#endOffset;
  }

  get extent(): PartitionEnd {
    const { topic, partition, endOffset } = this;
    return { topic, partition, startOffset: this.#startOffset, endOffset };
  }

  /** When the record with this number arrived. */
  arrivedAt(number: number): EpochMs {
    return plus(this.start, number * 1_000);
  }

  /** `customer` did something, by default the moment it arrives; the event's id is its number. */
  happened(customer: string, { type = 'app_open', at }: { type?: string; at?: EpochMs } = {}): this {
    const id = String(this.written);
    const time = isoOf(at ?? this.arrival());
    return this.holds(
      customer,
      encodeEnvelope({ specversion: '1.0', id, source: 'test', type, subject: customer, time } as never),
    );
  }

  /** A record with these very bytes; null: a tombstone. */
  holds(key: string | null, value: Uint8Array | string | null): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const timestamp = this.arrival();
    this.#records.push({ offset: this.#endOffset++, key, value: bytes, headers: {}, timestamp });
    return this;
  }

  /** An offset that nobody can read: a producer's transaction marker. */
  gap(): this {
    this.#endOffset++;
    return this;
  }

  /** The log forgets everything before `offset`. */
  expire(offset: number): void {
    this.#keep((record) => record.offset >= offset);
    this.#startOffset = offset;
  }

  /** The log loses everything from `offset` on: what is written next gets the same offsets once more. */
  truncate(offset: number): void {
    this.#keep((record) => record.offset < offset);
    this.#lost += this.#endOffset - offset;
    this.#endOffset = offset;
  }

  /** The topic is deleted and made anew under the same name. */
  makeAnew(): void {
    this.truncate(0);
    this.#startOffset = 0;
  }

  /** A clean-up takes the record at `offset`: a later one has the same key. */
  compactAway(offset: number): void {
    this.#keep((record) => record.offset !== offset);
  }

  private arrival(): EpochMs {
    return this.clock?.now() ?? this.arrivedAt(this.written);
  }

  #keep(which: (record: LogRecord) => boolean): void {
    this.#records.splice(0, this.#records.length, ...this.#records.filter(which));
  }

  /** What the log would bring to somebody who wants `from`; null when there is nothing. */
  read(from: number, { limit = Infinity, signal, heartbeat = async () => {} }: Reading = {}): RecordBatch | null {
    const records = this.#records.filter((record) => record.offset >= from).slice(0, limit);
    if (records.length === 0) return null;
    const { topic, partition, endOffset } = this;
    return { topic, partition, records, endOffset, signal: signal ?? this.#ownership.signal, heartbeat };
  }
}
