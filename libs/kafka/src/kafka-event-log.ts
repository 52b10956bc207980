import kafkajs from 'kafkajs';
import type { Kafka, Message, Producer } from 'kafkajs';
import type { ChurnError } from '#domain';
import type { EventLog, LogMessage, PartitionEnd } from '#pipeline';
import type { KafkaSettings } from '#platform';
import { connectKafka } from './connect.js';
import { within } from './deadline.js';
import { Lifeline } from './lifeline.js';
import type { Client } from './lifeline.js';
import { Questions } from './questions.js';
import { stamped } from './timestamp.js';
import { isRetryable, unavailable } from './unavailable.js';
import type { Warn } from './connect.js';

const compressions = {
  none: kafkajs.CompressionTypes.None,
  gzip: kafkajs.CompressionTypes.GZIP,
  snappy: kafkajs.CompressionTypes.Snappy,
  lz4: kafkajs.CompressionTypes.LZ4,
  zstd: kafkajs.CompressionTypes.ZSTD,
} as const;

// Brokers refuse a record batch above 1 MB (`message.max.bytes`), and kafkajs makes one of all that goes to a partition.
const mostRequestBytes = 900_000;
const recordOverheadBytes = 100;
// In total about four seconds where the brokers refuse; where they are silent the limits below end it.
const producerRetry = { initialRetryTime: 100, retries: 6, maxRetryTime: 1_000 };

export interface KafkaLogLimits {
  /** Messages that wait to be sent may take so much memory; one append alone may be larger. */
  readonly mostWaitingBytes: number;
  /** One request to a silent broker, and one question. */
  readonly requestTimeoutMs: number;
  /** One attempt to write, all tries of it together. */
  readonly mostSendMs: number;
  /** An append that for so long saw nothing of its own written is told that the log is away. */
  readonly mostWaitMs: number;
}

const defaultLimits: KafkaLogLimits = {
  mostWaitingBytes: 32 << 20,
  requestTimeoutMs: 5_000,
  mostSendMs: 8_000,
  mostWaitMs: 10_000,
};

/** What one call of `append` waits for. */
interface Append {
  readonly failed: (error: ChurnError) => void;
  /** Something of it was written. */
  readonly progress: () => void;
  readonly done: () => void;
}

interface Waiting {
  readonly topic: string;
  readonly messages: readonly LogMessage[];
  readonly bytes: number;
  readonly isLast: boolean;
  readonly append: Append;
}

/** Kafka as the event log: acks=all, idempotent, one request in flight; appends that arrive meanwhile share the next one. */
export class KafkaEventLog implements EventLog {
  readonly #connect: (lifeline: Lifeline) => Kafka;
  readonly #compression: kafkajs.CompressionTypes;
  readonly #waiting: Waiting[] = [];
  readonly #limits: KafkaLogLimits;
  /** Of `#waiting` and of what is being sent. */
  #waitingBytes = 0;
  #sending: Promise<void> | null = null;
  #producer: Client<Producer> | null = null;
  readonly #questions: Questions;

  constructor(settings: KafkaSettings, warn: Warn = () => {}, limits: Partial<KafkaLogLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    const { requestTimeoutMs } = this.#limits;
    this.#connect = (lifeline) => connectKafka(settings, { warn, retry: producerRetry, requestTimeoutMs, lifeline });
    this.#compression = compressions[settings.KAFKA_COMPRESSION];
    this.#questions = new Questions(this.#connect, this.#limits.mostWaitMs);
  }

  append(topic: string, messages: readonly LogMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    if (this.#waitingBytes > this.#limits.mostWaitingBytes)
      return Promise.reject(
        unavailable('write to', [topic], new Error('more waits to be sent than there is room for')),
      );
    return new Promise((done, failed) => {
      const append = this.#appendOf(topic, done, failed);
      const slices = cut(messages);
      for (const [index, slice] of slices.entries()) {
        this.#waiting.push({ topic, ...slice, isLast: index === slices.length - 1, append });
        this.#waitingBytes += slice.bytes;
      }
      this.#sending ??= this.#sendAll();
    });
  }

  #appendOf(topic: string, done: () => void, failed: (error: ChurnError) => void): Append {
    const { mostWaitMs } = this.#limits;
    const append: Append = {
      progress: () => timer.refresh(),
      done() {
        clearTimeout(timer);
        done();
      },
      failed(error) {
        clearTimeout(timer);
        failed(error);
      },
    };
    // A request that is under way by then may be written all the same: the sender's own repetition is recognised later.
    const timer = setTimeout(() => {
      this.#forget(new Set([append]));
      append.failed(unavailable('write to', [topic], new Error(`waited ${mostWaitMs} ms in vain`)));
    }, mostWaitMs);
    return append;
  }

  /** Takes out whatever of these appends is not under way. */
  #forget(appends: ReadonlySet<Append>): void {
    const kept = this.#waiting.filter(({ append }) => !appends.has(append));
    const gone = this.#waiting.filter(({ append }) => appends.has(append));
    for (const { bytes } of gone) this.#waitingBytes -= bytes;
    this.#waiting.splice(0, this.#waiting.length, ...kept);
  }

  ends(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    return this.#questions.ends(topics);
  }

  partitionCount(topic: string): Promise<number> {
    return this.#questions.partitionCount(topic);
  }

  /** Waits for what is on its way, then disconnects. */
  async close(): Promise<void> {
    await this.#sending;
    const open = this.#producer;
    this.#producer = null;
    await Promise.allSettled([open?.connected.then((producer) => producer.disconnect()), this.#questions.close()]);
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const together = this.#takeOneRequest();
      await this.#deliver(together);
      for (const { bytes } of together) this.#waitingBytes -= bytes;
    }
    // Here and not behind a promise: who was told may append before that promise is looked at.
    this.#sending = null;
  }

  async #deliver(together: readonly Waiting[]): Promise<void> {
    try {
      await this.#send(together);
      for (const { append, isLast } of together) append[isLast ? 'done' : 'progress']();
    } catch (cause) {
      // One message that the broker refuses for good must not take those along that travelled with it.
      if (together.length > 1 && !isRetryable(cause)) {
        for (const one of together) await this.#deliver([one]);
        return;
      }
      // Later slices of a failed append must not be written either: they would stand behind a hole.
      const failed = new Set(together.map(({ append }) => append));
      this.#forget(failed);
      const error = unavailable('write to', [...new Set(together.map(({ topic }) => topic))], cause);
      for (const append of failed) append.failed(error);
    }
  }

  #takeOneRequest(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes;
      if (count > 0 && bytes > mostRequestBytes) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #send(together: readonly Waiting[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const { topic, messages } of together) {
      const list = byTopic.get(topic) ?? [];
      for (const message of messages) list.push(toKafka(message));
      byTopic.set(topic, list);
    }
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
    const { connected, lifeline } = (this.#producer ??= this.#connectProducer());
    try {
      const sent = connected.then((it) => it.sendBatch({ acks: -1, compression: this.#compression, topicMessages }));
      await within(this.#limits.mostSendMs, 'sending', sent);
    } catch (error) {
      // After giving up, kafkajs reuses the sequence numbers of a request that may have been written after all: the broker
      // would take the next, different one for its repetition and drop it with a success. A new producer id ends that.
      this.#producer = null;
      lifeline.cut();
      void connected.then((old) => old.disconnect()).catch(() => {});
      throw error;
    }
  }

  #connectProducer(): Client<Producer> {
    const lifeline = new Lifeline();
    const producer = this.#connect(lifeline).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: producerRetry,
    });
    return { connected: producer.connect().then(() => producer), lifeline };
  }
}

function cut(messages: readonly LogMessage[]): { messages: LogMessage[]; bytes: number }[] {
  const slices = [{ messages: [] as LogMessage[], bytes: 0 }];
  for (const message of messages) {
    const bytes = (message.value?.length ?? 0) + message.key.length * 2 + recordOverheadBytes;
    const last = slices.at(-1)!;
    if (last.messages.length > 0 && last.bytes + bytes > mostRequestBytes) slices.push({ messages: [message], bytes });
    else {
      last.messages.push(message);
      last.bytes += bytes;
    }
  }
  return slices;
}

function toKafka(message: LogMessage): Message {
  const headers = stamped(message, Date.now());
  return {
    key: message.key,
    value: message.value && Buffer.from(message.value.buffer, message.value.byteOffset, message.value.byteLength),
    ...(headers ? { headers } : {}),
    ...(message.partition === undefined ? {} : { partition: message.partition }),
  };
}
