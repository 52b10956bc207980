import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { KafkaSettings } from '#platform';
import { BatchServer } from './batch.server.js';
import { GroupConsumer, groupTimings } from './group-consumer.js';
import type { GroupTimings } from './group-consumer.js';
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
    for (const [group, handlers] of this.groups) {
      const groupId = `${this.settings.KAFKA_GROUP_PREFIX}-${group}`;
      const warn = (message: string, fields: object): void => this.logger.warn({ event: message, ...fields });
      const timings = { ...groupTimings, ...this.timings };
      const startAt = this.startAt?.bind(undefined, group);
      const consumer = new GroupConsumer(this.settings, groupId, handlers, warn, timings, startAt);
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

  isReady(): boolean {
    return this.#consumers.length === this.groups.size && this.#consumers.every((consumer) => consumer.isReady());
  }
}
