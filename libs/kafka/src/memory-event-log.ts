import type { Topic } from '#contracts';
import { ChurnError, SECOND } from '#domain';
import type { EventLog, Journal, LogMessage, PartitionEnd } from '#pipeline';
import { MemoryPartition } from './memory-partition.js';
import { partitionOf } from './partition.js';

export interface InProcessLogOptions {
  readonly topics: readonly Topic[];
  /** Of every partitioned topic. */
  readonly partitions?: number;
  /** Without one nothing outlives the process. */
  readonly journal?: Journal | null;
  /** Unfinished records of one partition may take this much memory; see MemoryPartition. */
  readonly mostBytes?: number;
  readonly mostWaitMs?: number;
}

/** The event log of a single process: the same contract as Kafka's, durable as far as its journal is. */
export class InProcessLog implements EventLog {
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #count: number;
  #opened: Promise<ReadonlyMap<string, readonly MemoryPartition[]>> | null = null;

  constructor(private readonly options: InProcessLogOptions) {
    this.#topics = new Map(options.topics.map((topic) => [topic.name, topic]));
    this.#count = options.partitions ?? 1;
  }

  async append(topic: string, messages: readonly LogMessage[]): Promise<void> {
    const partitions = await this.partitionsOf(topic);
    const shares = new Map<MemoryPartition, LogMessage[]>();
    for (const message of messages) {
      const index = message.partition ?? partitionOf(message.key, partitions.length);
      const partition = partitions[index];
      if (!partition) throw noSuch(`partition ${index} of ${topic}`);
      const share = shares.get(partition);
      if (share) share.push(message);
      else shares.set(partition, [message]);
    }
    await Promise.all([...shares].map(([partition, share]) => partition.append(share)));
  }

  async ends(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    const ends: PartitionEnd[] = [];
    for (const topic of [...topics].sort((a, b) => a.localeCompare(b))) {
      for (const [partition, { firstOffset, endOffset }] of (await this.partitionsOf(topic)).entries()) {
        ends.push({ topic, partition, startOffset: firstOffset, endOffset });
      }
    }
    return ends;
  }

  async partitionCount(topic: string): Promise<number> {
    return (await this.partitionsOf(topic)).length;
  }

  /** For the transport that serves this log's consumers. */
  async partitionsOf(topic: string): Promise<readonly MemoryPartition[]> {
    this.#opened ??= this.#open();
    const partitions = (await this.#opened).get(topic);
    if (!partitions) throw noSuch(`topic ${topic}`);
    return partitions;
  }

  /** How many partitions a topic has, known without the journal. */
  countOf(topic: string): number {
    const known = this.#topics.get(topic);
    if (!known) throw noSuch(`topic ${topic}`);
    return known.partitioned ? this.#count : 1;
  }

  /** What all partitions hold in memory now. */
  async heldBytes(): Promise<number> {
    this.#opened ??= this.#open();
    return [...(await this.#opened).values()].flat().reduce((sum, partition) => sum + partition.heldBytes, 0);
  }

  /** Topics nobody reads keep nothing in memory from now on. */
  async readersAreKnown(): Promise<void> {
    this.#opened ??= this.#open();
    for (const partitions of (await this.#opened).values()) for (const each of partitions) each.readBy(new Map());
  }

  /** Writers that still wait are told that the log is gone. */
  async close(): Promise<void> {
    if (!this.#opened) return;
    for (const partitions of (await this.#opened).values()) for (const partition of partitions) partition.close();
  }

  async #open(): Promise<ReadonlyMap<string, readonly MemoryPartition[]>> {
    const { journal = null, mostBytes = 16 << 20, mostWaitMs = 10 * SECOND } = this.options;
    const written = await this.#writtenEnds(journal);
    const opened = new Map<string, readonly MemoryPartition[]>();
    for (const { name, durable } of this.#topics.values()) {
      const partitions = Array.from({ length: this.countOf(name) }, (_, partition) => {
        const last = written.find((end) => end.topic === name && end.partition === partition);
        return new MemoryPartition({
          topic: name,
          partition,
          startOffset: last?.startOffset ?? 0,
          endOffset: last?.endOffset ?? 0,
          journal: durable ? journal : null,
          mostBytes,
          mostWaitMs,
        });
      });
      opened.set(name, partitions);
    }
    return opened;
  }

  async #writtenEnds(journal: Journal | null): Promise<readonly PartitionEnd[]> {
    if (!journal) return [];
    try {
      return await journal.ends();
    } catch (cause) {
      this.#opened = null;
      throw new ChurnError('LOG_UNAVAILABLE', 'cannot read the journal of the log', { cause, retryable: true });
    }
  }
}

const noSuch = (what: string): ChurnError => new ChurnError('LOG_UNAVAILABLE', `the log has no ${what}`);
