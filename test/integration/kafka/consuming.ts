import { randomUUID } from 'node:crypto';
import type { MessageHandler } from '@nestjs/microservices';
import { epochMs } from '#domain';
import type { GroupTimings } from '#kafka';
import { BatchKafkaServer, createTopics } from '#kafka';
import type { BatchHandler, LogMessage, LogRecord, RecordBatch } from '#pipeline';
import type { KafkaSettings } from '#platform';
import { kafkaSettings, loadConfig } from '#platform';
import type { KafkaBroker } from '../../support/kafka-broker.js';

export function settingsFor(broker: KafkaBroker, more: Record<string, string> = {}): KafkaSettings {
  return loadConfig(kafkaSettings, { KAFKA_BROKERS: broker.address, KAFKA_PARTITIONS: '3', ...more });
}

/** A topic and a group prefix of one test's own. */
export async function aTopic(settings: KafkaSettings, partitions = 3): Promise<string> {
  const name = `t-${randomUUID()}`;
  const topic = { name, partitioned: true, config: {}, durable: true, about: '' };
  await createTopics({ ...settings, KAFKA_PARTITIONS: partitions }, [topic]);
  return name;
}

export const aMessage = (key: string, value: string, more: Partial<LogMessage> = {}): LogMessage => ({
  key,
  value: Buffer.from(value),
  timestamp: epochMs(1_500_000_000_000),
  ...more,
});

export const messages = (count: number, from = 0): LogMessage[] =>
  Array.from({ length: count }, (_, i) => aMessage(`k${(from + i) % 50}`, String(from + i)));

export const done = (batch: RecordBatch): number => batch.records.at(-1)!.offset + 1;

/** One member of a group: remembers what it was given. */
export class Member {
  readonly server: BatchKafkaServer;
  readonly records: LogRecord[] = [];
  readonly batches: RecordBatch[] = [];

  constructor(
    settings: KafkaSettings,
    topic: string,
    handle: BatchHandler = (batch) => Promise.resolve(done(batch)),
    timings: Partial<GroupTimings> = {},
  ) {
    this.server = new BatchKafkaServer(settings, {
      heartbeatMs: 300,
      firstRetryMs: 50,
      longestRetryMs: 400,
      ...timings,
    });
    const handler: BatchHandler = async (batch) => {
      this.batches.push(batch);
      const next = await handle(batch);
      this.records.push(...batch.records.filter(({ offset }) => offset < next));
      return next;
    };
    this.server.addHandler(topic, handler as unknown as MessageHandler, true, { group: 'reader' });
    this.server.listen(() => {});
  }

  get values(): string[] {
    return this.records.map(({ value }) => Buffer.from(value!).toString());
  }

  has(count: number): boolean {
    return new Set(this.values).size >= count;
  }
}
