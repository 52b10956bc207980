import type { Invariant } from './evidence.js';

export interface FaultRow {
  readonly fault: string;
  times: number;
  /** Rounds in which it was injected and something was violated: which fault did it is for the seed to tell. */
  readonly violations: Partial<Record<Invariant, number>>;
  readonly recoveriesMs: number[];
  unrecovered: number;
}

/** What was done to the worlds, and what came of it. */
export class Tally {
  readonly rows = new Map<string, FaultRow>();

  row(fault: string): FaultRow {
    const row = this.rows.get(fault) ?? { fault, times: 0, violations: {}, recoveriesMs: [], unrecovered: 0 };
    this.rows.set(fault, row);
    return row;
  }
}

export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
