import { ChurnError } from '#domain';
import type { EventLog, LogMessage, PartitionEnd } from '../ports/event-log.js';

/** A log that keeps what it is given and can be down. Messages without a partition of their own go to the first. */
export class MemoryLog implements EventLog {
  readonly #topics = new Map<string, LogMessage[]>();
  /** Topics whose appends fail as if no broker answered. */
  readonly down = new Set<string>();
  appends = 0;
  /** Partitions that are written by somebody else. */
  readonly others: { readonly topic: string; readonly extent: PartitionEnd }[] = [];

  constructor(private readonly partitions = 1) {}

  async append(topic: string, messages: readonly LogMessage[]): Promise<void> {
    if (this.down.has(topic))
      throw new ChurnError('LOG_UNAVAILABLE', `nothing answers for ${topic}`, { retryable: true });
    this.appends += 1;
    this.#topics.set(topic, [...this.written(topic), ...messages]);
  }

  written(topic: string): readonly LogMessage[] {
    return this.#topics.get(topic) ?? [];
  }

  async ends(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    return topics.flatMap((topic) => {
      const others = this.others.filter((other) => other.topic === topic).map(({ extent }) => extent);
      return others.length > 0 ? others : this.ownEnds(topic);
    });
  }

  private ownEnds(topic: string): readonly PartitionEnd[] {
    return Array.from({ length: this.partitions }, (_, partition) => {
      const endOffset = this.written(topic).filter((message) => (message.partition ?? 0) === partition).length;
      return { topic, partition, startOffset: 0, endOffset };
    });
  }

  async partitionCount(): Promise<number> {
    return this.partitions;
  }
}
