import { ChurnError, epochMs } from '#domain';
import type { Journal, LogMessage, LogRecord } from '#pipeline';

export interface PartitionOptions {
  readonly topic: string;
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly journal: Journal | null;
  /** What readers have not finished may take this much memory, and what waits to be written as much again. */
  readonly mostBytes: number;
  /** A writer that has waited so long is told that the log is away. */
  readonly mostWaitMs: number;
}

interface Waiting {
  readonly messages: readonly LogMessage[];
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: ChurnError) => void;
}

// Room for the record itself; only the order of magnitude matters.
const recordOverheadBytes = 200;
/** Of one batch handed out. */
const mostBatchBytes = 8 << 20;
/** Records read from the journal at once before it is known how large they are. */
const firstReplay = 1_000;

/**
 * One partition of the in-process log. Writes in order, and holds what some group has not finished, up to a cap: beyond it
 * records that stand in the journal leave the memory, so nobody ever waits for a reader of those; without a journal writers
 * wait, for a bounded time.
 */
export class MemoryPartition {
  readonly #records: LogRecord[] = [];
  readonly #positions = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  readonly #topic: string;
  readonly #journal: Journal | null;
  #end: number;
  #base: number;
  #bytes = 0;
  /** Of writes not yet done, those under way among them. */
  #waitingBytes = 0;
  #replaySize = firstReplay;
  #readersKnown = false;
  #writing = false;
  /** True after a failed journal write, which may have been stored all the same. */
  #unsure = false;
  #closed = false;
  #changed = signalOnce();

  constructor(private readonly options: PartitionOptions) {
    this.#topic = options.topic;
    this.#journal = options.journal;
    this.#end = options.endOffset;
    this.#base = options.endOffset;
  }

  get endOffset(): number {
    return this.#end;
  }

  /** First offset that can still be read. */
  get firstOffset(): number {
    return this.#journal ? this.options.startOffset : this.#base;
  }

  /** First offset in memory: where somebody begins who asks for nothing earlier. */
  get firstKept(): number {
    return this.#base;
  }

  /** Bytes of records in memory and of writes that wait. */
  get heldBytes(): number {
    return this.#bytes + this.#waitingBytes;
  }

  append(messages: readonly LogMessage[]): Promise<void> {
    const { mostBytes, mostWaitMs } = this.options;
    if (this.#waitingBytes > mostBytes)
      return Promise.reject(this.#unavailable('more waits to be written than there is room for'));
    const bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0);
    this.#waitingBytes += bytes;
    return new Promise<void>((done, failed) => {
      const settle =
        <A extends unknown[]>(how: (...args: A) => void) =>
        (...args: A): void => {
          clearTimeout(timer);
          how(...args);
        };
      const waiting: Waiting = { messages, bytes, done: settle(done), failed: settle(failed) };
      const timer = setTimeout(() => this.#giveUp(waiting), mostWaitMs).unref();
      this.#waiting.push(waiting);
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

  /** What there is from `from` on, up to `limit` records: waits while there is nothing, answers none once aborted (and woken). */
  async read(from: number, limit: number, signal: AbortSignal): Promise<readonly LogRecord[]> {
    let offset = from;
    while (!signal.aborted && !this.#closed) {
      if (offset >= this.#end) {
        await this.#changed.happened;
        continue;
      }
      if (offset >= this.#base) return aBatch(this.#records, offset - this.#base, limit);
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
    if (!this.#journal) return [];
    const visible = this.#end;
    const { partition } = this.options;
    const asked = Math.min(limit, this.#replaySize);
    const records = await this.#journal.read(this.#topic, partition, offset, asked);
    if (records.length > 0) {
      const mean = records.reduce((sum, record) => sum + bytesOf(record), 0) / records.length;
      this.#replaySize = Math.max(1, Math.floor(mostBatchBytes / mean));
    }
    return records.filter((record) => record.offset < visible);
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      while (this.#mustWait() && this.#waiting.length > 0 && !this.#closed) await this.#changed.happened;
      const together = this.#waiting.splice(0);
      const messages = together.flatMap((waiting) => waiting.messages);
      try {
        if (this.#closed) throw new Error('the log is closed');
        await this.#writeDown(messages);
        this.#take(messages);
        for (const { done } of together) done();
      } catch (cause) {
        const error = this.#unavailable(cause instanceof Error ? cause.message : String(cause), cause);
        for (const { failed } of together) failed(error);
      } finally {
        for (const { bytes } of together) this.#waitingBytes -= bytes;
      }
    }
    this.#writing = false;
  }

  /** Only what stands nowhere else has to stay in memory until it is read. */
  #mustWait(): boolean {
    return this.#journal === null && this.#bytes > this.options.mostBytes;
  }

  #giveUp(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    const waited = `waited ${this.options.mostWaitMs} ms in vain`;
    if (index < 0)
      return waiting.failed(this.#unavailable(`${waited} for the journal, which may have it all the same`));
    this.#waiting.splice(index, 1);
    this.#waitingBytes -= waiting.bytes;
    this.#tell();
    waiting.failed(this.#unavailable(`${waited}: its readers are behind, or its journal is away`));
  }

  #unavailable(reason: string, cause?: unknown): ChurnError {
    return new ChurnError('LOG_UNAVAILABLE', `cannot write to the log ${this.#topic}: ${reason}`, {
      cause,
      retryable: !this.#closed,
    });
  }

  async #writeDown(messages: readonly LogMessage[]): Promise<void> {
    if (!this.#journal || messages.length === 0) return;
    if (this.#unsure) await this.#findEnd(this.#journal);
    this.#unsure = true;
    await this.#journal.append(this.#topic, this.options.partition, this.#end, messages);
    this.#unsure = false;
  }

  /** A write that failed here may stand in the journal: readers get those records from there, and we write behind them. */
  async #findEnd(journal: Journal): Promise<void> {
    const isThis = (end: { topic: string; partition: number }): boolean =>
      end.topic === this.#topic && end.partition === this.options.partition;
    const stored = (await journal.ends()).find(isThis)?.endOffset ?? 0;
    if (stored <= this.#end) return;
    this.#records.length = 0;
    this.#bytes = 0;
    this.#end = stored;
    this.#base = stored;
    this.#tell();
  }

  #take(messages: readonly LogMessage[]): void {
    for (const { key, value, headers, timestamp } of messages) {
      const record = { offset: this.#end, key, value, headers: headers ?? noHeaders, timestamp: epochMs(timestamp) };
      this.#records.push(record);
      this.#bytes += bytesOf(record);
      this.#end += 1;
    }
    this.#forgetFinished();
    this.#tell();
  }

  #forgetFinished(): void {
    const finished = this.#readersKnown ? Math.min(this.#end, ...this.#positions.values()) : this.#base;
    this.#forget(finished - this.#base);
    // What the journal has can be read again from there; and before the readers are known there is nobody to wait for.
    if (this.#bytes > this.options.mostBytes && (this.#journal !== null || !this.#readersKnown)) this.#forgetOldest();
  }

  /** Down to three quarters of the cap, so that this is seldom done. */
  #forgetOldest(): void {
    let count = 0;
    for (let left = this.#bytes; left > this.options.mostBytes * 0.75; count += 1)
      left -= bytesOf(this.#records[count]!);
    this.#forget(count);
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

function bytesOf({ key, value, headers }: Pick<LogRecord, 'key' | 'value'> & Pick<LogMessage, 'headers'>): number {
  let bytes = (value?.length ?? 0) + (key?.length ?? 0) * 2 + recordOverheadBytes;
  for (const name in headers) bytes += (name.length + headers[name]!.length) * 2;
  return bytes;
}

/** At least one record, and no more of them than a batch should weigh. */
function aBatch(records: readonly LogRecord[], first: number, limit: number): readonly LogRecord[] {
  const most = Math.min(records.length, first + limit);
  let upTo = first;
  for (let bytes = 0; upTo < most && (upTo === first || bytes < mostBatchBytes); upTo += 1)
    bytes += bytesOf(records[upTo]!);
  return records.slice(first, upTo);
}

function signalOnce(): { readonly happened: Promise<void>; readonly tell: () => void } {
  let tell = (): void => {};
  const happened = new Promise<void>((resolve) => (tell = resolve));
  return { happened, tell };
}
