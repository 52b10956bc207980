import type { CustomerId, EpochMs, TenantId, Transition } from '#domain';
import { customerKey } from '#domain';
import type { Decision, FlagStore, KnownCustomer, Share, StoredFlag } from '../ports/flag-store.js';

/** Flags and the outbox in memory: outlives the sentinels of a test as the store outlives a process. */
export class MemoryFlagStore implements FlagStore {
  readonly decisions = new Map<string, Decision>();
  readonly published = new Set<string>();
  /** Each note of how far was decided. */
  readonly notes: EpochMs[] = [];
  /** Who has events, and when: what the tracker folds. */
  readonly events = new Map<string, { tenant: TenantId; customer: CustomerId; at: EpochMs[] }>();
  /** Calls that fail as if the store were down. */
  readonly down = new Set<keyof FlagStore>();
  loads = 0;

  happened(tenant: TenantId, customer: CustomerId, at: EpochMs): void {
    const key = customerKey(tenant, customer);
    this.events.set(key, { tenant, customer, at: [...(this.events.get(key)?.at ?? []), at] });
  }

  async load(_share: Share): Promise<readonly StoredFlag[]> {
    this.mustAnswer('load');
    this.loads += 1;
    const newest = new Map<string, Transition>();
    for (const { transition: move } of this.decisions.values()) {
      const key = JSON.stringify([move.tenant, move.customer, move.rule]);
      if (move.sequence > (newest.get(key)?.sequence ?? 0)) newest.set(key, move);
    }
    return [...newest.values()].map((move) => {
      const { tenant, customer, rule, to: state, becameDueAt: since, episode, clearedAt, sequence } = move;
      return { tenant, customer, rule, flag: { state, since, episode, clearedAt }, sequence };
    });
  }

  async append(decisions: readonly Decision[]): Promise<void> {
    this.mustAnswer('append');
    for (const decision of decisions) this.decisions.set(decision.transition.id, decision);
  }

  async unpublished(_share: Share): Promise<readonly Decision[]> {
    return [...this.decisions.values()].filter(({ transition }) => !this.published.has(transition.id));
  }

  async markPublished(decisions: readonly Decision[], _at: EpochMs): Promise<void> {
    this.mustAnswer('markPublished');
    for (const { transition } of decisions) this.published.add(transition.id);
  }

  async customers(_share: Share, since: EpochMs): Promise<readonly KnownCustomer[]> {
    this.mustAnswer('customers');
    return [...this.events.values()].map(({ tenant, customer, at }) => ({
      tenant,
      customer,
      touchedAt: at.filter((instant) => instant > since).toSorted((a, b) => a - b),
    }));
  }

  async decidedUpTo(_share: Share): Promise<EpochMs | null> {
    return this.notes.at(-1) ?? null;
  }

  async recordDecidedUpTo(_share: Share, upTo: EpochMs): Promise<void> {
    this.mustAnswer('recordDecidedUpTo');
    this.notes.push(upTo);
  }

  private mustAnswer(call: keyof FlagStore): void {
    if (this.down.has(call)) throw new Error(`the store does not answer to ${call}`);
  }
}
