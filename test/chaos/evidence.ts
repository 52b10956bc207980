import type { Sent } from './lives.js';
import type { Fate } from './producer.js';
import type { Arrival } from './receivers.js';

export const invariants = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I9'] as const;
export type Invariant = (typeof invariants)[number];

/** A malformed record that was put on the log, recognised by its key. */
export interface Poison {
  readonly key: string;
  readonly topic: string;
  tries: number;
  acknowledged: boolean;
}

/** Everything a round knows of what it sent and what arrived; the verifier asks the store and the topics for the rest. */
export interface Evidence {
  readonly store: { readonly path: string } | { readonly url: string };
  readonly brokers: string | null;
  readonly pack: string;
  readonly endAt: number;
  readonly sent: readonly (Sent & Fate)[];
  readonly poison: readonly Poison[];
  readonly arrivals: readonly Arrival[];
  readonly channels: readonly string[];
  /** Whether events came after others which had happened later, or a clock went wrong: then alerts may be taken back. */
  readonly late: boolean;
}

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** What was looked at, so that an empty list of violations says something. */
  readonly counts: Readonly<Record<string, number>>;
}
