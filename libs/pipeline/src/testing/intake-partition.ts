import { encodeEnvelope, topics } from '#contracts';
import type { EpochMs } from '#domain';
import { epochMs, isoOf, plus } from '#domain';
import type { LogRecord, RecordBatch } from '../ports/event-log.js';

interface Reading {
  /** Most records in the batch. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly heartbeat?: () => Promise<void>;
}

/** One partition of an intake topic, written by the test and read in batches of any cut. Record n arrives at second n. */
export class IntakePartition {
  readonly #records: LogRecord[] = [];
  readonly #ownership = new AbortController();
  #endOffset = 0;

  constructor(
    readonly topic: string = topics.activity.name,
    readonly partition = 0,
    private readonly start: EpochMs = epochMs(Date.UTC(2026, 2, 1)),
  ) {}

  get endOffset(): number {
    return this.#endOffset;
  }

  /** When the record at this offset arrived. */
  arrivedAt(offset: number): EpochMs {
    return plus(this.start, offset * 1_000);
  }

  /** `customer` did something, by default the moment it arrives; the event's id is its offset. */
  happened(customer: string, { type = 'app_open', at }: { type?: string; at?: EpochMs } = {}): this {
    const id = String(this.#endOffset);
    const time = isoOf(at ?? this.arrivedAt(this.#endOffset));
    return this.holds(
      customer,
      encodeEnvelope({ specversion: '1.0', id, source: 'test', type, subject: customer, time } as never),
    );
  }

  /** A record with these very bytes; null: a tombstone. */
  holds(key: string | null, value: Uint8Array | string | null): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const offset = this.#endOffset++;
    this.#records.push({ offset, key, value: bytes, headers: {}, timestamp: this.arrivedAt(offset) });
    return this;
  }

  /** An offset that nobody can read: a producer's transaction marker. */
  gap(): this {
    this.#endOffset++;
    return this;
  }

  /** The log forgets everything before `offset`. */
  expire(offset: number): void {
    this.#records.splice(0, this.#records.filter((record) => record.offset < offset).length);
  }

  /** What the log would bring to somebody who wants `from`; null when there is nothing. */
  read(from: number, { limit = Infinity, signal, heartbeat = async () => {} }: Reading = {}): RecordBatch | null {
    const records = this.#records.filter((record) => record.offset >= from).slice(0, limit);
    if (records.length === 0) return null;
    const { topic, partition, endOffset } = this;
    return { topic, partition, records, endOffset, signal: signal ?? this.#ownership.signal, heartbeat };
  }
}
