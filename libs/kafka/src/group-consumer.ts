import type { Consumer, Kafka, RetryOptions } from 'kafkajs';
import type { BatchHandler } from '#pipeline';
import type { KafkaSettings } from '#platform';
import { backOffMs, BatchTurns } from './batch-turns.js';
import { connectKafka } from './connect.js';
import type { GroupTimings } from './group-timings.js';
import { textOf } from './handler-failure.js';
import { Ownership } from './ownership.js';
import { ReadPositions } from './read-positions.js';
import type { Voice } from './voice.js';
import { Watchdog } from './watchdog.js';

// Compressed bytes; what comes out of them is some three to eight times as much.
const maxBytes = 8 << 20;
const maxBytesPerPartition = 2 << 20;
const partitionsAtOnce = 4;
const rebalanceTimeoutMs = 60_000;

/** One consumer group of this process: takes batches to their handlers and keeps itself alive whatever the brokers do. */
export class GroupConsumer {
  readonly #kafka: Kafka;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #watchdog: Watchdog;
  readonly #turns: BatchTurns;
  readonly #positions = new ReadPositions();
  #consumer: Consumer | null = null;
  #ownership = Ownership.none();
  #restarts = 0;
  #closed = false;

  constructor(
    settings: KafkaSettings,
    private readonly groupId: string,
    private readonly handlers: ReadonlyMap<string, BatchHandler>,
    private readonly voice: Voice,
    private readonly timings: GroupTimings,
    private readonly startAt?: (topic: string, partition: number) => Promise<number | undefined>,
  ) {
    this.#kafka = connectKafka(settings, { warn: voice.warn, retry: this.#untilClosed });
    this.#watchdog = new Watchdog(settings, groupId, [...handlers.keys()], timings.silentMs);
    this.#turns = new BatchTurns({
      groupId,
      handlers,
      timings,
      voice,
      positions: this.#positions,
      signOfLife: () => this.#watchdog.signOfLife(),
      after: (waitMs, what) => this.#after(waitMs, what),
      onFenced: (ownership) => this.#leaveUnlessLost(ownership),
    });
  }

  /** Begins in the background; `isReady` tells when the group has let us in. */
  start(): void {
    void this.#launch();
    this.#timers.add(setInterval(() => void this.#watch(), this.#watchdog.lookEveryMs).unref());
  }

  isReady(): boolean {
    const { isHeld, isWhole } = this.#ownership;
    return isHeld && isWhole && (this.#turns.areRunning || !this.#watchdog.isSilent);
  }

  assigned(topic: string): readonly number[] {
    return this.#ownership.partitionsOf(topic);
  }

  readTo(topic: string, partition: number): number | null {
    return this.#positions.of(topic, partition);
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
      rebalanceTimeout: rebalanceTimeoutMs,
      maxWaitTimeInMs: timings.maxWaitMs,
      maxBytes,
      maxBytesPerPartition,
      allowAutoTopicCreation: false,
      retry: { ...this.#untilClosed, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#consumer = consumer;
    this.#watchdog.signOfLife();
    this.#listenTo(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.handlers.keys()], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: (payload) => this.#turns.take(consumer, this.#ownership, payload),
      });
      this.#restarts = 0;
    } catch (error) {
      this.#relaunch(consumer, error);
    }
  }

  #listenTo(consumer: Consumer): void {
    const { CRASH, END_BATCH_PROCESS, FETCH, GROUP_JOIN, HEARTBEAT, REBALANCING } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#ownership.release();
      this.#ownership = Ownership.of(payload.memberAssignment);
      this.#watchdog.signOfLife();
      this.#turns.begin();
      this.#positions.begin();
      void this.#goToStart(consumer, payload.memberAssignment);
    });
    consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, firstOffset, lastOffset } }) => {
      if (batchSize === 0) this.#positions.passed(topic, partition, Number(firstOffset), Number(lastOffset));
    });
    consumer.on(REBALANCING, () => this.#ownership.revoke());
    consumer.on(HEARTBEAT, () => this.#watchdog.signOfLife());
    consumer.on(FETCH, () => this.#watchdog.signOfLife());
    consumer.on(CRASH, ({ payload }) => this.#relaunch(consumer, payload.error));
  }

  /** A batch or two may come from the committed place before; whoever knows better asks to go elsewhere anyway. */
  async #goToStart(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>): Promise<void> {
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        try {
          const offset = await this.startAt?.(topic, partition);
          if (offset !== undefined && this.#consumer === consumer) this.#goTo(consumer, topic, partition, offset);
        } catch (error) {
          this.voice.warn('start-unknown', { group: this.groupId, topic, partition, reason: textOf(error) });
        }
      }
    }
  }

  #goTo(consumer: Consumer, topic: string, partition: number, offset: number): void {
    consumer.seek({ topic, partition, offset: String(offset) });
    this.#positions.sent(topic, partition, offset);
  }

  #relaunch(consumer: Consumer, cause: unknown): void {
    if (this.#closed || this.#consumer !== consumer) return;
    this.#consumer = null;
    this.#ownership.release();
    const waitMs = backOffMs(this.timings, (this.#restarts += 1));
    this.voice.warn('consumer-restarts', { group: this.groupId, waitMs, reason: textOf(cause) });
    void this.#disconnect(consumer, this.timings.closeGraceMs);
    this.#after(waitMs, () => void this.#launch());
  }

  /**
   * Whoever was away so long that somebody took over learns it from the group within a session, and shares anew. If the
   * group still holds us for the owner by then, it knows nothing of that somebody: we leave, and ask for a share again.
   */
  #leaveUnlessLost(ownership: Ownership): void {
    this.#after(this.timings.sessionTimeoutMs, () => {
      const consumer = this.#consumer;
      if (this.#ownership === ownership && ownership.isHeld && consumer !== null)
        this.#relaunch(consumer, 'fenced off from a partition that the group holds for ours');
    });
  }

  async #watch(): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === null || this.#turns.areRunning) return;
    // Joining takes until the members that are gone have timed out; starting over would only add another of these.
    const patienceMs = this.#ownership.isHeld ? 0 : rebalanceTimeoutMs;
    if (await this.#watchdog.finds(patienceMs)) this.#relaunch(consumer, 'silent although there is something to read');
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

  #after(waitMs: number, what: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      what();
    }, waitMs);
    this.#timers.add(timer);
  }
}
