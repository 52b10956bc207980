import type { ActivityEvent, EpochMs } from '#domain';
import { identityHash } from '../tracker/identity.js';
import type { CountedHash, CountedIdentity, IdentityStore } from '../ports/identity-store.js';
import type { Chunk } from '../ports/window-store.js';

interface Row {
  readonly chunk: Chunk;
  readonly offset: number;
  readonly event: ActivityEvent;
}

/** Identities in memory, kept for ever. */
export class MemoryIdentityStore implements IdentityStore {
  readonly #rows: Row[] = [];
  /** How many hashes it was asked for, each time. */
  readonly asked: number[] = [];
  /** Throw here to have the next answer fail; called between pages too. */
  onAnswer: () => void = () => {};

  constructor(private readonly pageSize = 100) {}

  /** What the store's view of the inbox does. */
  keep(chunk: Chunk, events: readonly (ActivityEvent & { readonly offset: number })[]): void {
    for (const event of events) this.#rows.push({ chunk, offset: event.offset, event });
  }

  async before(chunk: Chunk, hashes: readonly bigint[], since: EpochMs): Promise<readonly CountedIdentity[]> {
    this.onAnswer();
    this.asked.push(hashes.length);
    const wanted = new Set(hashes);
    return this.#of(chunk.topic, chunk.partition, since)
      .filter(({ chunk: { epoch }, offset }) =>
        epoch === chunk.epoch ? offset < chunk.firstOffset : epoch < chunk.epoch,
      )
      .map(({ event }) => event)
      .filter((event) => wanted.has(identityHash(event)));
  }

  async *newest(topic: string, partition: number, since: EpochMs): AsyncGenerator<readonly CountedHash[]> {
    const rows = this.#of(topic, partition, since).toSorted((a, b) => b.event.receivedAt - a.event.receivedAt);
    for (let start = 0; start < rows.length; start += this.pageSize) {
      this.onAnswer();
      yield rows
        .slice(start, start + this.pageSize)
        .map(({ event }) => [identityHash(event), event.receivedAt] as const);
    }
  }

  #of(topic: string, partition: number, since: EpochMs): Row[] {
    return this.#rows.filter(
      ({ chunk, event }) => chunk.topic === topic && chunk.partition === partition && event.receivedAt >= since,
    );
  }
}
