import type { EpochMs } from '#domain';

/** What each customer has been worth, worked out from the windows for the whole base at once. */
export interface ValueStore {
  /** Works it out anew by what happened before `asOf`, the beginning of a UTC day. Repeating it changes nothing. */
  workOut(asOf: EpochMs): Promise<void>;
  /** The `asOf` of the last time; null before the first. */
  workedOutAt(): Promise<EpochMs | null>;
}
