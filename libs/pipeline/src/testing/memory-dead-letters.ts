import { ChurnError, epochMs } from '#domain';
import type {
  DeadLetter,
  DeadLetters,
  KeptLetter,
  LetPass,
  LetterFilter,
  LetterGroup,
  LetterPlace,
  LetterQuery,
  LetterSource,
  Replayed,
} from '../ports/dead-letters.js';

export class MemoryDeadLetters implements DeadLetters {
  readonly #letters = new Map<string, KeptLetter>();
  readonly #passes: LetPass[] = [];
  /** Calls that fail as if the store were down. */
  readonly down = new Set<keyof DeadLetters>();

  async bury(letters: readonly DeadLetter[]): Promise<void> {
    this.#mustAnswer('bury');
    for (const { seenAt, ...letter } of letters) {
      const before = this.#letters.get(letter.id);
      const kept = before ?? { ...letter, firstSeenAt: seenAt, lastSeenAt: seenAt, replayed: null };
      this.#letters.set(letter.id, { ...kept, lastSeenAt: epochMs(Math.max(kept.lastSeenAt, seenAt)) });
    }
  }

  /** In the order in which they were buried: for specs. */
  async list(limit: number): Promise<readonly KeptLetter[]> {
    return [...this.#letters.values()].slice(0, limit);
  }

  async page({ ids, open, after, limit, ...filter }: LetterQuery): Promise<readonly KeptLetter[]> {
    this.#mustAnswer('page');
    return this.#matching(filter)
      .filter((letter) => ids === undefined || ids.includes(letter.id))
      .filter((letter) => open !== true || letter.replayed === null)
      .filter((letter) => after === undefined || newestFirst(letter, after) > 0)
      .toSorted(newestFirst)
      .slice(0, limit);
  }

  async find(id: string): Promise<KeptLetter | null> {
    return this.#letters.get(id) ?? null;
  }

  async groups(filter: LetterFilter, limit: number): Promise<readonly LetterGroup[]> {
    const groups = new Map<string, KeptLetter[]>();
    for (const letter of this.#matching(filter)) {
      const key = JSON.stringify([letter.reason, letter.detail, letter.topic]);
      groups.set(key, [...(groups.get(key) ?? []), letter]);
    }
    return [...groups.values()]
      .map((letters) => {
        const [{ reason, detail, topic }] = letters as [KeptLetter];
        const firstSeenAt = letters.map((letter) => letter.firstSeenAt).toSorted((a, b) => a - b)[0]!;
        const lastSeenAt = letters.map((letter) => letter.lastSeenAt).toSorted((a, b) => b - a)[0]!;
        const replayed = letters.filter((letter) => letter.replayed !== null).length;
        return { reason, detail, topic, count: letters.length, replayed, firstSeenAt, lastSeenAt };
      })
      .toSorted((a, b) => b.count - a.count || b.lastSeenAt - a.lastSeenAt)
      .slice(0, limit);
  }

  async markReplayed(entries: readonly { readonly id: string; readonly replayed: Replayed }[]): Promise<void> {
    this.#mustAnswer('markReplayed');
    for (const { id, replayed } of entries) {
      const letter = this.#letters.get(id);
      if (letter?.replayed === null) this.#letters.set(id, { ...letter, replayed });
    }
  }

  async refusedBetween(
    { topic, partition, epoch }: LetterSource,
    from: number,
    to: number,
  ): Promise<readonly number[]> {
    this.#mustAnswer('refusedBetween');
    return [...this.#letters.values()]
      .filter((letter) => letter.topic === topic && letter.partition === partition && letter.epoch === epoch)
      .map(({ offset }) => offset)
      .filter((offset) => offset >= from && offset < to)
      .toSorted((a, b) => a - b);
  }

  async letPass(pass: LetPass): Promise<void> {
    this.#passes.push(pass);
  }

  async passOf(topic: string, partition: number): Promise<LetPass | null> {
    this.#mustAnswer('passOf');
    return this.#passes.findLast((pass) => pass.topic === topic && pass.partition === partition) ?? null;
  }

  #matching({ reason, topic }: LetterFilter): readonly KeptLetter[] {
    return [...this.#letters.values()]
      .filter((letter) => reason === undefined || letter.reason === reason)
      .filter((letter) => topic === undefined || letter.topic === topic);
  }

  #mustAnswer(call: keyof DeadLetters): void {
    if (this.down.has(call))
      throw new ChurnError('STORE_UNAVAILABLE', `the store does not answer to ${call}`, { retryable: true });
  }
}

const newestFirst = (a: LetterPlace, b: LetterPlace): number =>
  b.firstSeenAt - a.firstSeenAt || b.offset - a.offset || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
