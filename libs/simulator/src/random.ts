/**
 * Pseudo-random numbers that are the same on every machine: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2018), its state filled from the key by MurmurHash3's 32-bit finaliser (Appleby, 2011).
 *
 * A stream is named by up to three numbers, so that any customer's any day can be drawn without drawing the days before.
 */
export class Random {
  private readonly s = new Uint32Array(4);

  constructor(seed: number, stream = 0, step = 0) {
    this.restart(seed, stream, step);
  }

  /** Turns this generator into the one named so; spares an object where many short streams are drawn. */
  restart(seed: number, stream = 0, step = 0): this {
    let key = scramble(seed ^ 0x9e3779b9);
    key = scramble(key ^ Math.imul(stream + 1, 0x85ebca77));
    key = scramble(key ^ Math.imul(step + 1, 0xc2b2ae3d));
    for (let i = 0; i < 4; i++) {
      key = (key + 0x9e3779b9) | 0;
      this.s[i] = scramble(key);
    }
    // The one state the generator cannot leave.
    if ((this.s[0]! | this.s[1]! | this.s[2]! | this.s[3]!) === 0) this.s[0] = 1;
    return this;
  }

  /** The generator that continues from exactly this state: for checking against published values. */
  static fromState(state: readonly [number, number, number, number]): Random {
    const random = new Random(0);
    random.s.set(state);
    return random;
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const s = this.s;
    const s1 = s[1]!;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2]! ^= s[0]!;
    s[3]! ^= s1;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= s1 << 9;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** From 0 up to, not including, 1. */
  unit(): number {
    return this.next() / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** One of the items, each as likely as its weight says. */
  weighted<T>(items: readonly (readonly [T, number])[]): T {
    let rest = this.unit() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return items[items.length - 1]![0];
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** Poisson count by Knuth's product of uniforms; meant for small means. */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > limit; product *= this.unit()) count++;
    return count;
  }
}

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** Spreads a 32-bit number over all 32-bit numbers, one to one. */
export function scramble(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
