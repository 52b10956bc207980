import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { BatchHandler } from '#pipeline';
import { BatchServer } from './batch.server.js';
import { backOffMs } from './batch-turns.js';
import { failureOf, textOf } from './handler-failure.js';
import type { InProcessLog } from './memory-event-log.js';
import type { MemoryPartition } from './memory-partition.js';
import { placeOf } from './ownership.js';
import type { StartAt } from './start-at.js';

export interface InProcessServerOptions {
  /** Default: the end of the journal, so a fresh start reads what is written from now on. */
  readonly startAt?: StartAt;
  readonly mostRecords?: number;
  readonly firstRetryMs?: number;
  readonly longestRetryMs?: number;
  readonly stuckRetryMs?: number;
  readonly closeGraceMs?: number;
}

const defaults = {
  mostRecords: 20_000,
  firstRetryMs: 50,
  longestRetryMs: 5_000,
  stuckRetryMs: 30_000,
  closeGraceMs: 5_000,
};

interface Reader {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly source: MemoryPartition;
  readonly handler: BatchHandler;
  readonly start: number;
}

/** Nest transport over the in-process log: the same handlers, the same answers, no broker. */
export class InProcessServer extends BatchServer implements CustomTransportStrategy {
  readonly #options: typeof defaults & { readonly startAt?: StartAt };
  readonly #stopReading = new AbortController();
  readonly #stopHandling = new AbortController();
  readonly #readers: Reader[] = [];
  /** Partitions that somebody else owns. There is no group here to ask for them again: that takes a new start. */
  readonly #dropped = new Set<string>();
  #running: Promise<unknown> = Promise.resolve();
  #isListening = false;

  constructor(
    private readonly log: InProcessLog,
    options: InProcessServerOptions = {},
  ) {
    super();
    this.#options = { ...defaults, ...options };
  }

  listen(callback: (error?: unknown) => void): void {
    this.#begin().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  async close(): Promise<void> {
    this.#isListening = false;
    this.#stopReading.abort();
    for (const { source } of this.#readers) source.wake();
    const { closeGraceMs } = this.#options;
    const inTime = new AbortController();
    const grace = sleep(closeGraceMs, undefined, { signal: inTime.signal }).then(() => this.#stopHandling.abort());
    // A handler that does not even heed its signal is left behind: the process has to end.
    const bound = grace.then(() => sleep(closeGraceMs, undefined, { signal: inTime.signal })).catch(() => {});
    await Promise.race([this.#running, bound]);
    inTime.abort();
    this.#stopHandling.abort();
  }

  assigned(topic: string): readonly number[] {
    const isRead = [...this.groups.values()].some((handlers) => handlers.has(topic));
    if (!this.#isListening || !isRead) return [];
    const all = Array.from({ length: this.log.countOf(topic) }, (_, partition) => partition);
    return all.filter((partition) => !this.#dropped.has(placeOf(topic, partition)));
  }

  isReady(): boolean {
    return this.#isListening && this.#dropped.size === 0;
  }

  async #begin(): Promise<void> {
    for (const [group, handlers] of this.groups) {
      for (const [topic, handler] of handlers) {
        for (const [partition, source] of (await this.log.partitionsOf(topic)).entries()) {
          const start = (await this.#options.startAt?.(group, topic, partition)) ?? source.firstKept;
          source.readBy(new Map([[group, start]]));
          this.#readers.push({ group, topic, partition, source, handler, start });
        }
      }
    }
    await this.log.readersAreKnown();
    this.#isListening = true;
    this.#running = Promise.all(this.#readers.map((reader) => this.#serve(reader)));
  }

  async #serve(reader: Reader): Promise<void> {
    const { source, group } = reader;
    let position = reader.start;
    let failures = 0;
    while (!this.#stopReading.signal.aborted) {
      try {
        position = await this.#serveOne(reader, position);
        source.advance(group, position);
        failures = 0;
        // A handler that never leaves the microtask queue would keep everybody else from running.
        await setImmediate();
      } catch (error) {
        if (failureOf(error) === 'fenced') return this.#drop(reader, error);
        failures += 1;
        await this.#pause(reader, position, failures, error);
      }
    }
  }

  #drop({ group, topic, partition }: Reader, error: unknown): void {
    this.#dropped.add(placeOf(topic, partition));
    this.voice.error('partition-fenced', { group, topic, partition, reason: textOf(error) });
  }

  async #serveOne({ topic, partition, source, handler }: Reader, position: number): Promise<number> {
    const records = await source.read(position, this.#options.mostRecords, this.#stopReading.signal);
    if (records.length === 0) return position;
    const { signal } = this.#stopHandling;
    return handler({ topic, partition, records, endOffset: source.endOffset, signal, heartbeat: async () => {} });
  }

  async #pause(reader: Reader, position: number, failures: number, error: unknown): Promise<void> {
    const { group, topic, partition } = reader;
    const isStuck = failureOf(error) === 'stuck';
    const waitMs = isStuck ? this.#options.stuckRetryMs : backOffMs(this.#options, failures);
    const fields = { group, topic, partition, position, failures, waitMs, reason: textOf(error) };
    if (isStuck) this.voice.error('batch-stuck', fields);
    else this.voice.warn('batch-failed', fields);
    await sleep(waitMs, undefined, { signal: this.#stopReading.signal }).catch(() => {});
  }
}
