import type { ActivityEvent } from '#domain';

/** A run of offsets that is stored in one insert. Its name decides whether it is already there. */
export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  /** Counts how often the topic was made anew under the same name. */
  readonly epoch: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

export interface WindowStore {
  /** Writes a chunk's boundaries down before its rows, so that a restart can repeat exactly this chunk. */
  plan(chunk: Chunk): Promise<void>;
  /** The last planned chunk of a partition: the only one that may be stored in part. */
  lastPlan(topic: string, partition: number): Promise<Chunk | null>;
  /** Adds the chunk's events to the events and to every window exactly once: repeating the same chunk with the same events changes nothing. */
  fold(chunk: Chunk, events: readonly ActivityEvent[]): Promise<void>;
}
