import type { EpochMs, RejectReason } from '#domain';

/** A refused record: why, where it stood, and its bytes as they came. */
export interface DeadLetter {
  /** topic/partition/offset, or the gateway's request id and item number: repeating a burial changes nothing. */
  readonly id: string;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly at: EpochMs;
}

export interface DeadLetters {
  bury(letters: readonly DeadLetter[]): Promise<void>;
  list(limit: number): Promise<readonly DeadLetter[]>;
}
