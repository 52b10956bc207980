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
 * The same rankings of the same rows, asked again under draws of whole customers: rows of one customer hang together, and drawn
 * singly they would make intervals too narrow. Efron & Tibshirani 1993; whole clusters as in Field & Welsh 2007. `customers`
 * says whose each row is, from 0 without gaps. Answers the qualities of each ranking, draw by draw: all see the same draws, so
 * their differences may be taken.
 */
export function redraw(
  rankings: readonly Ranking[],
  customers: ArrayLike<number>,
  times = 200,
  seed = 1,
): readonly (readonly Quality[])[] {
  const random = seeded(seed);
  let count = 0;
  for (let i = 0; i < customers.length; i++) count = Math.max(count, customers[i]! + 1);
  const qualities = rankings.map((): Quality[] => []);
  const weights = new Uint16Array(customers.length);
  for (let time = 0; time < times; time++) {
    const drawn = new Uint16Array(count);
    for (let i = 0; i < count; i++) drawn[Math.floor(random() * count)]! += 1;
    for (let i = 0; i < weights.length; i++) weights[i] = drawn[customers[i]!]!;
    for (const [i, ranking] of rankings.entries()) qualities[i]!.push(ranking.quality(weights));
  }
  return qualities;
}

/** Between the 2.5th and the 97.5th of a hundred; null when there is nothing to order. */
export function interval(values: readonly number[]): Interval | null {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  if (sorted.length === 0) return null;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}
