import type { Quality, Ranking } from './quality.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Numbers from 0 to below 1; the same seed gives the same, so the same data print the same intervals. Marsaglia (2003), Xorshift RNGs. */
export function seeded(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
  // Small seeds begin with small numbers.
  for (let i = 0; i < 20; i++) next();
  return next;
}

/**
 * 95 % percentile intervals by drawing whole customers: rows of one customer hang together, and drawn singly they would make
 * the interval too narrow. Efron & Tibshirani 1993; clusters as in Field & Welsh 2007. `customers` says whose each row is,
 * from 0 without gaps. Every ranking is asked under the same draws, so differences between them may be taken draw by draw.
 */
export class Bootstrap {
  private readonly draws: readonly Uint16Array[];

  constructor(customers: ArrayLike<number>, times = 200, seed = 1) {
    const random = seeded(seed);
    let count = 0;
    for (let i = 0; i < customers.length; i++) count = Math.max(count, customers[i]! + 1);
    this.draws = Array.from({ length: times }, () => {
      const drawn = new Uint16Array(count);
      for (let i = 0; i < count; i++) drawn[Math.floor(random() * count)]! += 1;
      return Uint16Array.from(customers, (customer) => drawn[customer]!);
    });
  }

  qualities(ranking: Ranking): readonly Quality[] {
    return this.draws.map((weights) => ranking.quality(weights));
  }
}

/** Between the 2.5th and the 97.5th of a hundred; null when there is nothing to order. */
export function interval(values: readonly number[]): Interval | null {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  if (sorted.length === 0) return null;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}
