import type { ActivityEvent } from '#domain';
import type { Fence } from './fence.js';

/** A run of offsets that is stored in one insert. Its name decides whether it is already there. */
export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  /** Counts how often the topic was made anew, or lost its end, under the same name. */
  readonly epoch: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** A chunk as it is written down before its rows, with what its first and last record look like. */
export interface Plan extends Chunk {
  /** Empty where nobody noted it. */
  readonly firstPrint: string;
  readonly lastPrint: string;
}

/** The part of a log that still holds its records. */
export interface Extent {
  readonly startOffset: number;
  readonly endOffset: number;
}

/** An event with the place of its record, by which a repeat of it is told from it. */
export interface PlacedEvent extends ActivityEvent {
  readonly offset: number;
}

export interface WindowStore {
  /** Takes a partition from whoever folded it before: from now on every `fold` of theirs fails. */
  takeOver(topic: string, partition: number): Promise<Fence>;
  /** Writes a chunk's boundaries down before its rows, so that whoever comes next can repeat exactly this chunk. */
  plan(plan: Plan, fence: Fence): Promise<void>;
  /** The last planned chunk of a partition: the only one that may be stored in part. An earlier owner's never counts as later. */
  lastPlan(topic: string, partition: number): Promise<Plan | null>;
  /** Earlier chunks of the same epoch that lie within the log: the nearest, the second, fourth, eighth before, and so on. */
  plansBefore(chunk: Chunk, within: Extent): Promise<readonly Plan[]>;
  /**
   * Adds the chunk's events to the events and to every window exactly once: repeating the same chunk with the same events
   * changes nothing. Throws ChurnError FENCED, and stores nothing, when somebody else has taken over.
   */
  fold(chunk: Chunk, events: readonly PlacedEvent[], fence: Fence): Promise<void>;
}
