import kafkajs from 'kafkajs';
import type { Admin, Kafka, Message, Producer } from 'kafkajs';
import { ChurnError } from '#domain';
import type { EventLog, LogMessage, PartitionEnd } from '#pipeline';
import type { KafkaSettings } from '#platform';
import { connectKafka } from './connect.js';
import { stamped } from './timestamp.js';
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
// In total about four seconds: whoever appends has its own retry, and a caller over HTTP waits.
const producerRetry = { initialRetryTime: 100, retries: 6, maxRetryTime: 1_000 };
const requestTimeoutMs = 10_000;

interface Waiting {
  readonly topic: string;
  readonly messages: readonly LogMessage[];
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: ChurnError) => void;
}

/** Kafka as the event log: acks=all, idempotent, one request in flight; appends that arrive meanwhile share the next one. */
export class KafkaEventLog implements EventLog {
  readonly #kafka: Kafka;
  readonly #compression: kafkajs.CompressionTypes;
  readonly #waiting: Waiting[] = [];
  #sending: Promise<void> | null = null;
  #producer: Promise<Producer> | null = null;
  #admin: Promise<Admin> | null = null;

  constructor(settings: KafkaSettings, warn: Warn = () => {}) {
    this.#kafka = connectKafka(settings, { warn, retry: producerRetry, requestTimeoutMs });
    this.#compression = compressions[settings.KAFKA_COMPRESSION];
  }

  append(topic: string, messages: readonly LogMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    return new Promise((done, failed) => {
      const slices = cut(messages);
      slices.forEach(({ messages: slice, bytes }, index) => {
        const isLast = index === slices.length - 1;
        this.#waiting.push({ topic, messages: slice, bytes, done: isLast ? done : () => {}, failed });
      });
      this.#sending ??= this.#sendAll();
    });
  }

  async ends(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    return this.#ask('read the ends of', async (admin) => {
      const ends = await Promise.all(
        topics.map(async (topic) =>
          (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
            topic,
            partition,
            startOffset: Number(low),
            endOffset: Number(high),
          })),
        ),
      );
      return ends.flat().sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
    });
  }

  async partitionCount(topic: string): Promise<number> {
    return this.#ask('count the partitions of', async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.length ?? 0;
    });
  }

  /** Waits for what is on its way, then disconnects. */
  async close(): Promise<void> {
    await this.#sending;
    const open = [this.#producer, this.#admin];
    this.#producer = null;
    this.#admin = null;
    await Promise.allSettled(open.map(async (client) => (await client)?.disconnect()));
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#deliver(this.#takeOneRequest());
    // Here and not behind a promise: who was told may append before that promise is looked at.
    this.#sending = null;
  }

  async #deliver(together: readonly Waiting[]): Promise<void> {
    try {
      await this.#send(together);
      for (const { done } of together) done();
    } catch (cause) {
      // One message that the broker refuses for good must not take those along that travelled with it.
      if (together.length > 1 && !isRetryable(cause)) {
        for (const one of together) await this.#deliver([one]);
        return;
      }
      // Later slices of a failed append must not be written either: they would stand behind a hole.
      const failed = new Set(together.map((waiting) => waiting.failed));
      const behind = this.#waiting.filter((waiting) => failed.has(waiting.failed));
      for (const waiting of behind) this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      const error = unavailable('write to', [...new Set(together.map(({ topic }) => topic))], cause);
      for (const tell of failed) tell(error);
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
    const producer = (this.#producer ??= this.#connectProducer());
    try {
      await (await producer).sendBatch({ acks: -1, compression: this.#compression, topicMessages });
    } catch (error) {
      // After giving up, kafkajs reuses the sequence numbers of a request that may have been written after all: the broker
      // would take the next, different one for its repetition and drop it with a success. A new producer id ends that.
      this.#producer = null;
      void producer.then((old) => old.disconnect()).catch(() => {});
      throw error;
    }
  }

  async #connectProducer(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: producerRetry,
    });
    await producer.connect();
    return producer;
  }

  async #ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const connecting = (this.#admin ??= this.#connectAdmin());
    try {
      return await question(await connecting);
    } catch (cause) {
      this.#admin = null;
      void connecting.then((old) => old.disconnect()).catch(() => {});
      throw unavailable(what, [], cause);
    }
  }

  async #connectAdmin(): Promise<Admin> {
    const admin = this.#kafka.admin();
    await admin.connect();
    return admin;
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

function unavailable(what: string, topics: readonly string[], cause: unknown): ChurnError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ChurnError('LOG_UNAVAILABLE', `cannot ${what} the log ${topics.join(', ')}: ${reason}`, {
    cause,
    retryable: isRetryable(cause),
  });
}

/** What the broker refuses for good (too large, not allowed) will be refused again. */
const isRetryable = (cause: unknown): boolean =>
  !(rootOf(cause) instanceof kafkajs.KafkaJSProtocolError && !rootOf(cause).retriable);

function rootOf(error: unknown): kafkajs.KafkaJSError {
  const inner = (error as { cause?: unknown }).cause;
  return inner instanceof Error ? rootOf(inner) : (error as kafkajs.KafkaJSError);
}
