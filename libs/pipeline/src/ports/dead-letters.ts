import type { RefusedRecord } from '#contracts';

/** A refused record: why, where it stood, and its bytes as they came. */
export type DeadLetter = RefusedRecord;

export interface DeadLetters {
  bury(letters: readonly DeadLetter[]): Promise<void>;
  list(limit: number): Promise<readonly DeadLetter[]>;
}
