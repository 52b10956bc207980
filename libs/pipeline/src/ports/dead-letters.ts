import type { RefusedRecord } from '#contracts';
import type { EpochMs, RejectReason } from '#domain';

/** A refused record: why, where it stood, and its bytes and headers as they came. */
export interface DeadLetter extends RefusedRecord {
  /** When it was refused this time. A chunk that is repeated refuses its records again. */
  readonly seenAt: EpochMs;
}

/** As which event a letter went back to an intake topic. */
export interface Replayed {
  readonly at: EpochMs;
  readonly source: string;
  readonly id: string;
}

export interface KeptLetter extends RefusedRecord {
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly replayed: Replayed | null;
}

/** Letters that say the same of the same topic: most likely one fault of one producer. */
export interface LetterGroup {
  readonly reason: RejectReason;
  readonly detail: string;
  readonly topic: string;
  readonly count: number;
  readonly replayed: number;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
}

/** Where a letter stands in the order of a page: newest first, by when it was first seen. */
export interface LetterPlace {
  readonly firstSeenAt: EpochMs;
  readonly offset: number;
  readonly id: string;
}

export interface LetterFilter {
  readonly reason?: RejectReason;
  readonly topic?: string;
}

export interface LetterQuery extends LetterFilter {
  /** Only these. */
  readonly ids?: readonly string[];
  /** Leaves out what was replayed. */
  readonly open?: boolean;
  /** Only letters behind this one: the cursor of the page before. */
  readonly after?: LetterPlace;
  readonly limit: number;
}

/** Some partition's records, as they were numbered before the topic was made anew for the `epoch`th time. */
export interface LetterSource {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
}

/** An operator's word that a partition's refused records up to an offset may be buried, however many they are. */
export interface LetPass {
  readonly topic: string;
  readonly partition: number;
  readonly upToOffset: number;
  /** What had not arrived by then was not meant, whatever its offset: the topic may be made anew. */
  readonly at: EpochMs;
}

export interface DeadLetters {
  /** Burying a letter again changes nothing but when it was last seen. */
  bury(letters: readonly DeadLetter[]): Promise<void>;
  page(query: LetterQuery): Promise<readonly KeptLetter[]>;
  find(id: string): Promise<KeptLetter | null>;
  /** The largest groups, largest first. */
  groups(filter: LetterFilter, limit: number): Promise<readonly LetterGroup[]>;
  /** The first replay of a letter stays the one that is told of. */
  markReplayed(entries: readonly { readonly id: string; readonly replayed: Replayed }[]): Promise<void>;
  /** Offsets of the letters of a partition within [from, to). */
  refusedBetween(source: LetterSource, from: number, to: number): Promise<readonly number[]>;
  letPass(pass: LetPass): Promise<void>;
  /** The word given last. */
  passOf(topic: string, partition: number): Promise<LetPass | null>;
}
