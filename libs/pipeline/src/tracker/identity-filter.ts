import type { EpochMs } from '#domain';

const bytesPerBlock = 32;
const wordsPerBlock = 8;
/** One odd multiplier for each word of a block, from the Parquet specification. */
const salts = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31] as const;

/** A key of 64 bits in two halves, since bit operations of numbers are far quicker than those of bigints. */
interface Halves {
  readonly high: number;
  readonly low: number;
}

const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);
function halvesOf(hash: bigint): Halves {
  whole[0] = hash;
  return { high: halves[1]!, low: halves[0]! };
}

/**
 * A split block Bloom filter: a key sets one bit in each of the eight words of one block, so that asking touches one
 * cache line. https://github.com/apache/parquet-format/blob/master/BloomFilter.md
 */
class Generation {
  private readonly words: Uint32Array;
  private readonly blocks: number;
  /** Keys added, as far as they were new to it. */
  count = 0;
  /** For each partition, when the newest of its events in here came. */
  readonly newest = new Map<string, EpochMs>();

  constructor(bytes: number) {
    this.blocks = Math.max(1, Math.floor(bytes / bytesPerBlock));
    this.words = new Uint32Array(this.blocks * wordsPerBlock);
  }

  has({ high, low }: Halves): boolean {
    const start = this.startOf(high);
    for (let word = 0; word < wordsPerBlock; word++) {
      if ((this.words[start + word]! & bitOf(low, word)) === 0) return false;
    }
    return true;
  }

  add({ high, low }: Halves): void {
    const start = this.startOf(high);
    for (let word = 0; word < wordsPerBlock; word++) this.words[start + word]! |= bitOf(low, word);
    this.count += 1;
  }

  clear(): void {
    this.words.fill(0);
    this.count = 0;
    this.newest.clear();
  }

  private startOf(high: number): number {
    return Math.floor((high * this.blocks) / 2 ** 32) * wordsPerBlock;
  }
}

const bitOf = (low: number, word: number): number => 1 << (Math.imul(low, salts[word]!) >>> 27);

/** Ten bits a key: about one in a hundred unknown keys is taken for a known one. */
const bitsPerKey = 10;

/**
 * Remembers hashes of counted events in fixed memory: two generations, the older one forgotten whenever a window of
 * time has passed. It may take a stranger for an acquaintance, and it knows up to when it has forgotten each
 * partition, so that a "no" can be relied on or is not given: being full or wiped only ever costs questions.
 */
export class IdentityFilter {
  private current: Generation;
  private previous: Generation;
  private turnedAt: EpochMs | null = null;
  /** Of each partition, whatever came up to this instant may be missing. */
  private readonly forgotten = new Map<string, EpochMs>();

  constructor(
    bytes: number,
    private readonly windowMs: number,
  ) {
    this.current = new Generation(bytes / 2);
    this.previous = new Generation(bytes / 2);
    this.capacity = Math.floor((bytes / 2) * (8 / bitsPerKey));
  }

  /** Keys a generation takes before its mistakes become frequent. */
  readonly capacity: number;

  get room(): number {
    return Math.max(0, this.capacity - this.current.count);
  }

  /** From here on `partition` is added in full; what came up to `instant` is not in here. */
  follow(partition: string, instant: EpochMs): void {
    this.forgotten.set(partition, instant);
  }

  /** What came up to `instant` may be missing too. */
  misses(partition: string, instant: EpochMs): void {
    const forgotten = this.forgotten.get(partition);
    if (forgotten !== undefined && instant > forgotten) this.forgotten.set(partition, instant);
  }

  /** `hash` of an event of `partition` that came at `receivedAt`. True: perhaps it is known. False: it is not, for sure. */
  knows(partition: string, hash: bigint, receivedAt: EpochMs): boolean {
    const forgotten = this.forgotten.get(partition);
    if (forgotten === undefined || receivedAt - this.windowMs <= forgotten) return true;
    const key = halvesOf(hash);
    return this.current.has(key) || this.previous.has(key);
  }

  add(partition: string, hash: bigint, receivedAt: EpochMs): void {
    const key = halvesOf(hash);
    if (!this.current.has(key)) this.current.add(key);
    const newest = this.current.newest.get(partition);
    if (newest === undefined || receivedAt > newest) this.current.newest.set(partition, receivedAt);
  }

  /** Time has come to `now`. */
  turn(now: EpochMs): void {
    this.turnedAt ??= now;
    if (now - this.turnedAt < this.windowMs) return;
    this.turnedAt = now;
    for (const [partition, newest] of this.previous.newest) this.misses(partition, newest);
    const emptied = this.previous;
    emptied.clear();
    this.previous = this.current;
    this.current = emptied;
  }
}
