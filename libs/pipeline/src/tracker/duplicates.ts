import type { ActivityEvent, Clock, EpochMs } from '#domain';
import { epochMs, plus } from '#domain';
import { identityHash, identityText } from './identity.js';
import { IdentityFilter } from './identity-filter.js';
import type { IdentityStore } from '../ports/identity-store.js';
import type { Chunk } from '../ports/window-store.js';

export interface DuplicateParts {
  readonly store: IdentityStore;
  readonly clock: Clock;
  /** Two events with the same identity that came within this span of each other are one. */
  readonly windowMs: number;
  /** Of the filter, both generations. */
  readonly memoryBytes: number;
}

/** A chunk's events without the repeats. */
export interface Sifted<E> {
  readonly fresh: readonly E[];
  readonly repeats: number;
  /** Events about which the store had to be asked. */
  readonly asked: number;
}

/**
 * Recognises events that a producer sent again: same tenant, customer, source and id within a window of time.
 *
 * An event is a repeat if and only if one with its identity was counted before it: earlier in its partition, in the
 * store or in this very chunk. So the answer is a matter of the log alone, and a repeated chunk comes to the same rows,
 * whatever part of it is stored already. Only the event's own partition is looked at, and that suffices, because a
 * repeat has the same customer and so the same key; what other partitions hold depends on who was quicker.
 */
export class Duplicates {
  private readonly filter: IdentityFilter;
  /** Under which ownership a partition's part of the filter is complete: under another one somebody else counted more. */
  private readonly owners = new Map<string, AbortSignal>();

  constructor(private readonly parts: DuplicateParts) {
    this.filter = new IdentityFilter(parts.memoryBytes, parts.windowMs);
  }

  /** `events` are the chunk's, in the order of its records; everything before the chunk is stored. */
  async sift<E extends ActivityEvent>(chunk: Chunk, events: readonly E[], owner: AbortSignal): Promise<Sifted<E>> {
    if (events.length === 0) return { fresh: events, repeats: 0, asked: 0 };
    const partition = `${chunk.topic}/${chunk.partition}`;
    const came = events.map((event) => event.receivedAt);
    if (this.owners.get(partition) !== owner) {
      await this.takeUp(partition, chunk, plus(least(came), -this.parts.windowMs));
      this.owners.set(partition, owner);
    }

    // A producer's clock may be years ahead; ours may not be.
    this.filter.turn(epochMs(Math.min(greatest(came), this.parts.clock.now())));
    const hashes = events.map(identityHash);
    const doubtful = new Set<bigint>();
    let asked = 0;
    for (let index = 0; index < hashes.length; index++) {
      const hash = hashes[index]!;
      const receivedAt = came[index]!;
      if (this.filter.knows(partition, hash, receivedAt)) {
        doubtful.add(hash);
        asked += 1;
      }
      this.filter.add(partition, hash, receivedAt);
    }
    if (asked === 0) return { fresh: events, repeats: 0, asked };

    const counted = await this.countedBefore(chunk, doubtful, plus(least(came), -this.parts.windowMs));
    const fresh = events.filter((event, index) => !doubtful.has(hashes[index]!) || this.counts(event, counted));
    return { fresh, repeats: events.length - fresh.length, asked };
  }

  /** Whether the event is no repeat of what `counted` holds; then it is added there. */
  private counts(event: ActivityEvent, counted: Map<string, EpochMs[]>): boolean {
    const identity = identityText(event);
    const earlier = counted.get(identity) ?? [];
    if (earlier.some((at) => Math.abs(event.receivedAt - at) <= this.parts.windowMs)) return false;
    counted.set(identity, [...earlier, event.receivedAt]);
    return true;
  }

  private async countedBefore(
    chunk: Chunk,
    hashes: ReadonlySet<bigint>,
    since: EpochMs,
  ): Promise<Map<string, EpochMs[]>> {
    const counted = new Map<string, EpochMs[]>();
    for (const found of await this.parts.store.before(chunk, [...hashes], since)) {
      const identity = identityText(found);
      counted.set(identity, [...(counted.get(identity) ?? []), found.receivedAt]);
    }
    return counted;
  }

  /** Fills the filter with what others counted, as far as there is room; the rest is left to the store. */
  private async takeUp(partition: string, chunk: Chunk, since: EpochMs): Promise<void> {
    // Before anything is added: the filter may turn, and lose of it, while the store is still answering.
    this.filter.follow(partition, plus(since, -1));
    for await (const page of this.parts.store.newest(chunk.topic, chunk.partition, since)) {
      const fitting = page.slice(0, this.filter.room);
      for (const [hash, receivedAt] of fitting) this.filter.add(partition, hash, receivedAt);
      if (fitting.length === page.length) continue;
      this.filter.misses(partition, page[fitting.length]![1]);
      return;
    }
  }
}

// Not Math.min(...instants): a chunk may hold more of them than a call takes arguments.
const least = (instants: readonly EpochMs[]): EpochMs => instants.reduce((a, b) => (b < a ? b : a));
const greatest = (instants: readonly EpochMs[]): EpochMs => instants.reduce((a, b) => (b > a ? b : a));
