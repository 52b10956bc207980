import type { EpochMs, StageMove } from '#domain';
import { customerKey } from '#domain';
import type { Fence } from '../ports/fence.js';
import type { Share } from '../ports/flag-store.js';
import type { PlacedCustomer, StageStore, StoredStage } from '../ports/stage-store.js';
import type { MemoryFlagStore } from './memory-flag-store.js';

/** Stages in memory, behind the fences of the flags. */
export class MemoryStageStore implements StageStore {
  readonly moves = new Map<string, StageMove>();
  readonly published = new Set<string>();
  /** The next time moves are stored, this goes wrong: the store is down, or does it and its answer is lost. */
  breaks: 'down' | 'mute' | null = null;

  constructor(private readonly flags: MemoryFlagStore) {}

  async last(customers: readonly PlacedCustomer[]): Promise<readonly StoredStage[]> {
    const newest = new Map<string, StageMove>();
    for (const move of await this.history(customers)) newest.set(customerKey(move.tenant, move.customer), move);
    return [...newest.values()].map(({ tenant, customer, to: stage, sequence, becameDueAt: since }) => ({
      tenant,
      customer,
      stage,
      sequence,
      since,
    }));
  }

  async append(moves: readonly StageMove[], fences: readonly Fence[]): Promise<void> {
    const how = this.breaks;
    this.breaks = null;
    if (how === 'down') throw new Error('the store does not answer');
    await this.flags.mustHold(fences);
    if (fences.length === 0 || fences.length > moves.length) throw new TypeError('a fence for each partition');
    for (const move of moves) {
      const before = this.moves.get(move.id);
      if (before && JSON.stringify(before) !== JSON.stringify(move)) throw new TypeError('two moves of one number');
      this.moves.set(move.id, move);
    }
    if (how === 'mute') throw new Error("the store's answer is lost");
  }

  async history(customers: readonly PlacedCustomer[]): Promise<readonly StageMove[]> {
    const asked = new Set(customers.map(({ tenant, customer }) => customerKey(tenant, customer)));
    return [...this.moves.values()]
      .filter(({ tenant, customer }) => asked.has(customerKey(tenant, customer)))
      .toSorted((a, b) => a.sequence - b.sequence);
  }

  async unpublished(_share: Share): Promise<readonly StageMove[]> {
    return [...this.moves.values()]
      .filter(({ id }) => !this.published.has(id))
      .toSorted((a, b) => a.sequence - b.sequence);
  }

  async markPublished(moves: readonly StageMove[], _at: EpochMs): Promise<void> {
    for (const { id } of moves) this.published.add(id);
  }
}
