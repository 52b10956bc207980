import { ChurnError } from '#domain';
import type { EventLog, LogMessage, PartitionEnd } from '../ports/event-log.js';

/** A log of one partition per topic that keeps what it is given and can be down. */
export class MemoryLog implements EventLog {
  readonly #topics = new Map<string, LogMessage[]>();
  /** Topics whose appends fail as if no broker answered. */
  readonly down = new Set<string>();
  appends = 0;

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
    return topics.map((topic) => ({ topic, partition: 0, startOffset: 0, endOffset: this.written(topic).length }));
  }

  async partitionCount(): Promise<number> {
    return 1;
  }
}
