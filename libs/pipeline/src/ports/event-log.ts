import type { EpochMs } from '#domain';

export interface LogMessage {
  readonly key: string;
  /** Null: a tombstone, which removes the key from a compacted topic. */
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send it to this partition; otherwise the key decides (Kafka's murmur2, see `partitionOf`). */
  readonly partition?: number;
  readonly timestamp: EpochMs;
}

export interface LogRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: EpochMs;
}

/** Consecutive records of one partition, oldest first; never empty. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Offset that the next record to be written will get. */
  readonly endOffset: number;
  /** Aborts when the partition is taken away or the process stops: write nothing more. */
  readonly signal: AbortSignal;
  /** Call between long steps, or the group believes this member dead. */
  heartbeat(): Promise<void>;
}

/**
 * Handles one batch and answers with the offset it wants next: one past the last record when all is done,
 * an earlier or later one to be taken there. A throw brings the same batch again after a pause.
 */
export type BatchHandler = (batch: RecordBatch) => Promise<number>;

export interface PartitionEnd {
  readonly topic: string;
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Kafka, or the in-process log with the same behaviour. */
export interface EventLog {
  /** Resolves once every message is durable (Kafka acks=all; embedded: the engine has it). Throws ChurnError LOG_UNAVAILABLE. */
  append(topic: string, messages: readonly LogMessage[]): Promise<void>;
  /** How far each partition of these topics reaches now. */
  ends(topics: readonly string[]): Promise<readonly PartitionEnd[]>;
  partitionCount(topic: string): Promise<number>;
}

/** Which partitions a consumer of this process owns now. */
export interface Assignment {
  assigned(topic: string): readonly number[];
  /** Everything before this offset has been handled, offsets that hold no record for anybody included; null: unknown. */
  readTo?(topic: string, partition: number): number | null;
}

/** Where the embedded log writes its records down. */
export interface Journal {
  append(topic: string, partition: number, firstOffset: number, messages: readonly LogMessage[]): Promise<void>;
  /** First offset still stored and the one past the last, for every partition ever written. */
  ends(): Promise<readonly PartitionEnd[]>;
  read(topic: string, partition: number, fromOffset: number, limit: number): Promise<readonly LogRecord[]>;
}
