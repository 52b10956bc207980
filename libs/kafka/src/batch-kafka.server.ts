import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { KafkaSettings } from '#platform';
import { BatchServer } from './batch.server.js';
import { GroupConsumer } from './group-consumer.js';
import { groupTimings } from './group-timings.js';
import type { GroupTimings } from './group-timings.js';
import type { StartAt } from './start-at.js';

/** Nest transport over Kafka that hands whole batches to handlers; one consumer for each group they name. */
export class BatchKafkaServer extends BatchServer implements CustomTransportStrategy {
  readonly #consumers: GroupConsumer[] = [];

  constructor(
    private readonly settings: KafkaSettings,
    private readonly timings: Partial<GroupTimings> = {},
    private readonly startAt?: StartAt,
  ) {
    super();
  }

  /** Does not wait for the brokers: a process may come up before them. */
  listen(callback: () => void): void {
    const timings = groupTimings(this.settings.KAFKA_SESSION_TIMEOUT_MS, this.timings);
    for (const [group, handlers] of this.groups) {
      const groupId = `${this.settings.KAFKA_GROUP_PREFIX}-${group}`;
      const startAt = this.startAt?.bind(undefined, group);
      const consumer = new GroupConsumer(this.settings, groupId, handlers, this.voice, timings, startAt);
      this.#consumers.push(consumer);
      consumer.start();
    }
    callback();
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.splice(0).map((consumer) => consumer.close()));
  }

  assigned(topic: string): readonly number[] {
    const owned = this.#consumers.flatMap((consumer) => consumer.assigned(topic));
    return [...new Set(owned)].sort((a, b) => a - b);
  }

  override readTo(topic: string, partition: number): number | null {
    const read = this.#consumers.map((consumer) => consumer.readTo(topic, partition)).filter((to) => to !== null);
    return read.length === 0 ? null : Math.min(...read);
  }

  isReady(): boolean {
    return this.#consumers.length === this.groups.size && this.#consumers.every((consumer) => consumer.isReady());
  }
}
