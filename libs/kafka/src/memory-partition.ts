import { ChurnError, epochMs } from '#domain';
import type { Journal, LogMessage, LogRecord } from '#pipeline';

interface Waiting {
  readonly messages: readonly LogMessage[];
  readonly done: () => void;
  readonly failed: (error: ChurnError) => void;
}

// Room for key, offset and the record itself; only the order of magnitude matters.
const recordOverheadBytes = 200;

/** One partition of the in-process log: writes in order, keeps what some group has not finished, makes writers wait when that is much. */
export class MemoryPartition {
  readonly #records: LogRecord[] = [];
  readonly #positions = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #base: number;
  #bytes = 0;
  #readersKnown = false;
  #writing = false;
  /** True after a failed journal write, which may have been stored all the same. */
  #unsure = false;
  #closed = false;
  #changed = signalOnce();

  constructor(
    private readonly topic: string,
    private readonly partition: number,
    readonly startOffset: number,
    private end: number,
    private readonly journal: Journal | null,
    private readonly mostBytes: number,
  ) {
    this.#base = end;
  }

  get endOffset(): number {
    return this.end;
  }

  /** First offset that can still be read. */
  get firstOffset(): number {
    return this.journal ? this.startOffset : this.#base;
  }

  /** First offset in memory: where somebody begins who asks for nothing earlier. */
  get firstKept(): number {
    return this.#base;
  }

  append(messages: readonly LogMessage[]): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ messages, done, failed });
      if (!this.#writing) void this.#writeAll();
    });
  }

  /** From here on only these groups' unfinished records are kept. */
  readBy(positions: ReadonlyMap<string, number>): void {
    for (const [group, offset] of positions) this.#positions.set(group, offset);
    this.#readersKnown = true;
    this.#forgetFinished();
  }

  advance(group: string, offset: number): void {
    this.#positions.set(group, offset);
    this.#forgetFinished();
  }

  /** Everything from `from` on, up to `limit` records: waits while there is nothing, answers none once aborted (and woken). */
  async read(from: number, limit: number, signal: AbortSignal): Promise<readonly LogRecord[]> {
    let offset = from;
    while (!signal.aborted && !this.#closed) {
      if (offset >= this.end) {
        await this.#changed.happened;
        continue;
      }
      if (offset >= this.#base) return this.#records.slice(offset - this.#base, offset - this.#base + limit);
      const replayed = await this.#replay(offset, limit);
      if (replayed.length > 0) return replayed;
      // What it asks for is gone for good: go on with the oldest there is, as Kafka does.
      offset = this.#base;
    }
    return [];
  }

  /** Lets a waiting reader look at its signal. */
  wake(): void {
    this.#tell();
  }

  close(): void {
    this.#closed = true;
    this.#tell();
  }

  async #replay(offset: number, limit: number): Promise<readonly LogRecord[]> {
    if (!this.journal) return [];
    const visible = this.end;
    const records = await this.journal.read(this.topic, this.partition, offset, limit);
    return records.filter((record) => record.offset < visible);
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      while (this.#bytes > this.mostBytes && !this.#closed) await this.#changed.happened;
      const together = this.#waiting.splice(0);
      const messages = together.flatMap((waiting) => waiting.messages);
      try {
        if (this.#closed) throw new Error('the log is closed');
        await this.#writeDown(messages);
        this.#take(messages);
        for (const { done } of together) done();
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        const error = new ChurnError('LOG_UNAVAILABLE', `cannot write to the log ${this.topic}: ${reason}`, {
          cause,
          retryable: !this.#closed,
        });
        for (const { failed } of together) failed(error);
      }
    }
    this.#writing = false;
  }

  async #writeDown(messages: readonly LogMessage[]): Promise<void> {
    if (!this.journal) return;
    if (this.#unsure) await this.#findEnd(this.journal);
    this.#unsure = true;
    await this.journal.append(this.topic, this.partition, this.end, messages);
    this.#unsure = false;
  }

  /** A write that failed here may stand in the journal: readers get those records from there, and we write behind them. */
  async #findEnd(journal: Journal): Promise<void> {
    const isThis = (end: { topic: string; partition: number }): boolean =>
      end.topic === this.topic && end.partition === this.partition;
    const stored = (await journal.ends()).find(isThis)?.endOffset ?? 0;
    if (stored <= this.end) return;
    this.#records.length = 0;
    this.#bytes = 0;
    this.end = stored;
    this.#base = stored;
    this.#tell();
  }

  #take(messages: readonly LogMessage[]): void {
    for (const { key, value, headers, timestamp } of messages) {
      const record = { offset: this.end, key, value, headers: headers ?? noHeaders, timestamp: epochMs(timestamp) };
      this.#records.push(record);
      this.#bytes += bytesOf(record);
      this.end += 1;
    }
    this.#forgetFinished();
    this.#tell();
  }

  #forgetFinished(): void {
    const finished = this.#readersKnown ? Math.min(this.end, ...this.#positions.values()) : this.#base;
    this.#forget(finished - this.#base);
    // Before the readers are known there is nobody to wait for: the oldest go.
    if (!this.#readersKnown && this.#bytes > this.mostBytes) this.#forget(Math.ceil(this.#records.length / 4));
  }

  #forget(count: number): void {
    if (count <= 0) return;
    for (const record of this.#records.splice(0, count)) this.#bytes -= bytesOf(record);
    this.#base += count;
    this.#tell();
  }

  #tell(): void {
    this.#changed.tell();
    this.#changed = signalOnce();
  }
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});
const bytesOf = (record: LogRecord): number => (record.value?.length ?? 0) + recordOverheadBytes;

function signalOnce(): { readonly happened: Promise<void>; readonly tell: () => void } {
  let tell = (): void => {};
  const happened = new Promise<void>((resolve) => (tell = resolve));
  return { happened, tell };
}
