import kafkajs from 'kafkajs';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage, RetryOptions } from 'kafkajs';
import type { BatchHandler, LogRecord } from '#pipeline';
import type { KafkaSettings } from '#platform';
import { connectKafka } from './connect.js';
import type { Warn } from './connect.js';
import { Ownership } from './ownership.js';
import { toRecords } from './record.js';

export interface GroupTimings {
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly maxWaitMs: number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** How long a consumer may show no sign of life before its lag is looked at. */
  readonly silentMs: number;
  /** What a running handler gets to finish when the process stops; then its signal aborts. */
  readonly closeGraceMs: number;
}

export const groupTimings: GroupTimings = {
  sessionTimeoutMs: 45_000,
  heartbeatMs: 3_000,
  maxWaitMs: 150,
  firstRetryMs: 200,
  longestRetryMs: 10_000,
  silentMs: 60_000,
  closeGraceMs: 5_000,
};

// Compressed bytes; what comes out of them is some three to eight times as much.
const maxBytes = 8 << 20;
const maxBytesPerPartition = 2 << 20;
const partitionsAtOnce = 4;

interface Failure {
  readonly attempt: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** One consumer group of this process: takes batches to their handlers and keeps itself alive whatever the brokers do. */
export class GroupConsumer {
  readonly #kafka: Kafka;
  readonly #failures = new Map<string, Failure>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #consumer: Consumer | null = null;
  #ownership = Ownership.none();
  #lastSignAt = performance.now();
  #handlersRunning = 0;
  #restarts = 0;
  #closed = false;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly groupId: string,
    private readonly handlers: ReadonlyMap<string, BatchHandler>,
    private readonly warn: Warn,
    private readonly timings: GroupTimings = groupTimings,
    private readonly startAt?: (topic: string, partition: number) => Promise<number | undefined>,
  ) {
    this.#kafka = connectKafka(settings, { warn, retry: this.#untilClosed });
  }

  /** Begins in the background; `isReady` tells when the group has let us in. */
  start(): void {
    void this.#launch();
    this.#every(Math.min(this.timings.silentMs / 4, 5_000), () => void this.#watch());
  }

  isReady(): boolean {
    return this.#ownership.isHeld && (this.#handlersRunning > 0 || this.#silentForMs() < this.timings.silentMs);
  }

  assigned(topic: string): readonly number[] {
    return this.#ownership.partitionsOf(topic);
  }

  /** Lets running handlers finish for the grace time, then aborts them; leaves the group so that others need not wait. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const abort = setTimeout(() => this.#ownership.release(), this.timings.closeGraceMs);
    await this.#disconnect(this.#consumer, this.timings.closeGraceMs * 2);
    clearTimeout(abort);
    this.#ownership.release();
    this.#consumer = null;
  }

  async #launch(): Promise<void> {
    if (this.#closed) return;
    const { timings } = this;
    const consumer = this.#kafka.consumer({
      groupId: this.groupId,
      sessionTimeout: timings.sessionTimeoutMs,
      heartbeatInterval: timings.heartbeatMs,
      maxWaitTimeInMs: timings.maxWaitMs,
      maxBytes,
      maxBytesPerPartition,
      allowAutoTopicCreation: false,
      retry: { ...this.#untilClosed, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#consumer = consumer;
    this.#signOfLife();
    const { CRASH, FETCH, GROUP_JOIN, HEARTBEAT, REBALANCING } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#ownership.release();
      this.#ownership = Ownership.of(payload.memberAssignment);
      this.#signOfLife();
      void this.#goToStart(consumer, payload.memberAssignment);
    });
    consumer.on(REBALANCING, () => this.#ownership.revoke());
    consumer.on(HEARTBEAT, () => this.#signOfLife());
    consumer.on(FETCH, () => this.#signOfLife());
    consumer.on(CRASH, ({ payload }) => this.#relaunch(consumer, payload.error));
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.handlers.keys()], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: (payload) => this.#take(consumer, payload),
      });
      this.#restarts = 0;
    } catch (error) {
      this.#relaunch(consumer, error);
    }
  }

  /** A batch or two may come from the committed place before; whoever knows better asks to go elsewhere anyway. */
  async #goToStart(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>): Promise<void> {
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        try {
          const offset = await this.startAt?.(topic, partition);
          if (offset !== undefined && this.#consumer === consumer)
            consumer.seek({ topic, partition, offset: String(offset) });
        } catch (error) {
          this.warn('start-unknown', { group: this.groupId, topic, partition, reason: textOf(error) });
        }
      }
    }
  }

  #relaunch(consumer: Consumer, cause: unknown): void {
    if (this.#closed || this.#consumer !== consumer) return;
    this.#consumer = null;
    this.#ownership.release();
    const waitMs = this.#backOffMs((this.#restarts += 1));
    this.warn('consumer-restarts', { group: this.groupId, waitMs, reason: textOf(cause) });
    void this.#disconnect(consumer, this.timings.closeGraceMs);
    this.#after(waitMs, () => void this.#launch());
  }

  async #take(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const handler = this.handlers.get(topic)!;
    const ownership = this.#ownership;
    const place = `${topic}/${partition}`;
    const { firstOffset, lastOffset } = this.#reach(place, messages);
    let records = toRecords(messages, lastOffset);
    const endOffset = Number(payload.batch.highWatermark);
    let lost: unknown = null;
    const heartbeat = async (): Promise<void> => {
      try {
        await payload.heartbeat();
      } catch (error) {
        // Other failures are the connection's: kafkajs repairs it, and the session outlives a few missed beats.
        if (!isRevocation(error)) return;
        lost = error;
        ownership.revoke();
        throw error;
      }
    };
    const beats = setInterval(() => void heartbeat().catch(() => {}), this.timings.heartbeatMs);
    this.#handlersRunning += 1;
    try {
      for (;;) {
        const next = await handler({ topic, partition, records, endOffset, signal: ownership.signal, heartbeat });
        this.#failures.delete(place);
        if (!ownership.isHeld) break;
        records = await this.#move(consumer, payload, records, next, lastOffset);
        if (records.length === 0 || ownership.signal.aborted) break;
      }
    } catch (error) {
      if (isRevocation(error)) lost = error;
      else if (ownership.isHeld && !ownership.signal.aborted)
        this.#retryLater(payload, { firstOffset, lastOffset }, error);
    } finally {
      clearInterval(beats);
      this.#handlersRunning -= 1;
      this.#signOfLife();
    }
    // kafkajs joins the group again when this error reaches it.
    if (lost !== null) throw lost;
  }

  /** Goes where the handler wants to go; what is left of the batch when that is inside it. */
  async #move(
    consumer: Consumer,
    payload: EachBatchPayload,
    records: readonly LogRecord[],
    next: number,
    lastOffset: number,
  ): Promise<LogRecord[]> {
    const { topic, partition } = payload.batch;
    const isInside = next > records[0]!.offset && next <= lastOffset;
    if (next > lastOffset + 1 || next <= records[0]!.offset) consumer.seek({ topic, partition, offset: String(next) });
    else payload.resolveOffset(String(next - 1));
    if (next > records[0]!.offset) await this.#commit(payload, next);
    return isInside ? records.filter((record) => record.offset >= next) : [];
  }

  /** The committed offset is a hint for whoever takes over; only a lost membership makes its failure ours. */
  async #commit(payload: EachBatchPayload, next: number): Promise<void> {
    const { topic, partition } = payload.batch;
    try {
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
      });
    } catch (error) {
      if (isRevocation(error)) throw error;
      this.warn('commit-failed', { group: this.groupId, topic, partition, reason: textOf(error) });
    }
  }

  /** After a failure the same records again, though more may have come since. */
  #reach(place: string, messages: readonly KafkaMessage[]): { firstOffset: number; lastOffset: number } {
    const firstOffset = Number(messages[0]!.offset);
    const lastOffset = Number(messages.at(-1)!.offset);
    const failure = this.#failures.get(place);
    if (failure?.firstOffset !== firstOffset) return { firstOffset, lastOffset };
    return { firstOffset, lastOffset: Math.min(lastOffset, failure.lastOffset) };
  }

  /** Only this partition waits: kafkajs fetches the others meanwhile. */
  #retryLater(payload: EachBatchPayload, range: { firstOffset: number; lastOffset: number }, error: unknown): void {
    const { topic, partition } = payload.batch;
    const place = `${topic}/${partition}`;
    const attempt = (this.#failures.get(place)?.attempt ?? 0) + 1;
    const waitMs = this.#backOffMs(attempt);
    this.#failures.set(place, { attempt, ...range });
    this.warn('batch-failed', {
      group: this.groupId,
      topic,
      partition,
      ...range,
      attempt,
      waitMs,
      reason: textOf(error),
    });
    const resume = payload.pause();
    this.#after(waitMs, resume);
  }

  /** kafkajs has stopped fetching for good now and then (tulios/kafkajs#267, #659): silence with work to do restarts it. */
  async #watch(): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === null || this.#handlersRunning > 0 || this.#silentForMs() < this.timings.silentMs) return;
    this.#signOfLife();
    // When the brokers cannot be asked, they are the reason for the silence, and a restart would only lose the membership.
    if (await this.#lags().catch(() => false)) this.#relaunch(consumer, 'silent although there is something to read');
  }

  async #lags(): Promise<boolean> {
    const admin = connectKafka(this.settings, { warn: () => {}, retry: { retries: 1 } }).admin();
    try {
      await admin.connect();
      const topics = [...this.handlers.keys()];
      const committed = await admin.fetchOffsets({ groupId: this.groupId, topics });
      for (const { topic, partitions } of committed) {
        const ends = await admin.fetchTopicOffsets(topic);
        const isBehind = ({ partition, offset }: { partition: number; offset: string }): boolean =>
          Number(ends.find((end) => end.partition === partition)?.high ?? 0) > Math.max(0, Number(offset));
        if (partitions.some(isBehind)) return true;
      }
      return false;
    } finally {
      await admin.disconnect();
    }
  }

  async #disconnect(consumer: Consumer | null, boundMs: number): Promise<void> {
    if (consumer === null) return;
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => (timer = setTimeout(resolve, boundMs)));
    await Promise.race([consumer.disconnect().catch(() => {}), bound]);
    clearTimeout(timer);
  }

  // kafkajs gives up on an unreachable broker and forgets its membership; then the group waits for the old member to time
  // out. So it never gives up, until we close: it compares with this number anew at each try.
  readonly #untilClosed: RetryOptions = {
    initialRetryTime: 100,
    maxRetryTime: 1_000,
    retries: { valueOf: () => (this.#closed ? -1 : Number.MAX_SAFE_INTEGER) } as unknown as number,
  };

  #backOffMs(attempt: number): number {
    return Math.min(this.timings.firstRetryMs * 2 ** (attempt - 1), this.timings.longestRetryMs);
  }

  #signOfLife(): void {
    this.#lastSignAt = performance.now();
  }

  #silentForMs(): number {
    return performance.now() - this.#lastSignAt;
  }

  #after(waitMs: number, what: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      what();
    }, waitMs);
    this.#timers.add(timer);
  }

  #every(periodMs: number, what: () => void): void {
    this.#timers.add(setInterval(what, periodMs).unref());
  }
}

const revocations = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
]);
const isRevocation = (error: unknown): boolean =>
  error instanceof kafkajs.KafkaJSProtocolError && revocations.has(error.type);

const textOf = (error: unknown): string => {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
};
