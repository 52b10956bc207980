import type { DeadLetter, DeadLetters } from '../ports/dead-letters.js';

export class MemoryDeadLetters implements DeadLetters {
  readonly #letters = new Map<string, DeadLetter>();

  async bury(letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of letters) this.#letters.set(letter.id, letter);
  }

  async list(limit: number): Promise<readonly DeadLetter[]> {
    return [...this.#letters.values()].slice(0, limit);
  }
}
