/** What one generation of the group gave us. Its identity is the generation: commits of an older one are not ours to make. */
export class Ownership {
  readonly #abort = new AbortController();
  readonly #dropped = new Set<string>();
  #held: boolean;

  private constructor(private readonly partitions: Readonly<Record<string, readonly number[]>> | null) {
    this.#held = partitions !== null;
  }

  static none(): Ownership {
    return new Ownership(null);
  }

  static of(partitions: Readonly<Record<string, readonly number[]>>): Ownership {
    return new Ownership(partitions);
  }

  /** False once a newer generation began or we left: nothing may be committed under it. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** False while a partition that the group gave us is not ours after all. */
  get isWhole(): boolean {
    return this.#dropped.size === 0;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  partitionsOf(topic: string): readonly number[] {
    if (!this.#held) return [];
    return (this.partitions?.[topic] ?? []).filter((partition) => !this.#dropped.has(placeOf(topic, partition)));
  }

  /** Somebody else owns it, whatever the group says. */
  drop(topic: string, partition: number): void {
    this.#dropped.add(placeOf(topic, partition));
  }

  /** The group is about to share anew: handlers stop, but what they have finished may still be committed. */
  revoke(): void {
    this.#abort.abort();
  }

  release(): void {
    this.#held = false;
    this.#abort.abort();
  }
}

export const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;
