import type { CustomerId, EpochMs, EventType, TenantId, Transition } from '#domain';
import { ChurnError, customerKey, isRaised } from '#domain';
import type { Fence } from '../ports/fence.js';
import { fenceText } from '../ports/fence.js';
import type {
  CustomerEvents,
  CustomerSince,
  Decision,
  FlagStore,
  KnownCustomer,
  PerhapsUnseen,
  Share,
  StoredFlag,
} from '../ports/flag-store.js';

interface Happened {
  readonly at: EpochMs;
  readonly type: EventType;
  readonly receivedAt: EpochMs;
}

/** Flags and the outbox in memory: outlives the sentinels of a test as the store outlives a process. */
export class MemoryFlagStore implements FlagStore {
  readonly decisions = new Map<string, Decision>();
  readonly published = new Set<string>();
  /** Each note of how far was decided. */
  readonly notes: EpochMs[] = [];
  /** Who has events, and when: what the tracker folds. */
  readonly events = new Map<string, { tenant: TenantId; customer: CustomerId; own: Happened[] }>();
  /** Calls that fail as if the store were down. */
  readonly down = new Set<keyof FlagStore>();
  /** Calls that do their work and whose answer is lost. */
  readonly mute = new Set<keyof FlagStore>();
  /** Who holds what. */
  readonly fences = new Map<string, Fence>();
  /** How often each was asked. */
  readonly asked = new Map<keyof FlagStore, number>();

  happened(
    tenant: TenantId,
    customer: CustomerId,
    at: EpochMs,
    type: EventType = 'app_open',
    receivedAt: EpochMs = at,
  ): void {
    const key = customerKey(tenant, customer);
    const entry = this.events.get(key) ?? { tenant, customer, own: [] };
    entry.own.push({ at, type, receivedAt });
    this.events.set(key, entry);
  }

  async takeOver(share: Share): Promise<readonly Fence[]> {
    return this.answer('takeOver', () =>
      share.partitions.map((partition) => {
        const resource = `sentinel/${partition}/${share.count}`;
        const generation = (this.fences.get(resource)?.generation ?? 0) + 1;
        const fence = { resource, generation, owner: `${generation}` };
        this.fences.set(resource, fence);
        return fence;
      }),
    );
  }

  async renew(fences: readonly Fence[]): Promise<readonly Fence[]> {
    return this.answer('renew', () =>
      fences.map((fence) => {
        const holder = this.fences.get(fence.resource);
        if (holder?.owner !== fence.owner) throw new ChurnError('FENCED', 'somebody else has taken over');
        const next = { ...holder, generation: holder.generation + 1 };
        this.fences.set(fence.resource, next);
        return next;
      }),
    );
  }

  async mustHold(fences: readonly Fence[]): Promise<void> {
    this.answer('mustHold', () => this.check(fences));
  }

  async load(_share: Share): Promise<readonly StoredFlag[]> {
    return this.answer('load', () => {
      const newest = new Map<string, Transition>();
      const spent = new Map<string, number>();
      for (const { transition: move } of this.decisions.values()) {
        const key = JSON.stringify([move.tenant, move.customer, move.rule]);
        if (move.sequence > (newest.get(key)?.sequence ?? 0)) newest.set(key, move);
        if (isRaised(move.to) || move.to === 'retracted') spent.set(key, Math.max(spent.get(key) ?? 0, move.episode));
      }
      return [...newest].map(([key, move]) => {
        const { tenant, customer, rule, to: state, becameDueAt: since, episode, clearedAt, sequence } = move;
        const flag = { state, since, episode, clearedAt };
        return { tenant, customer, rule, flag, sequence, spent: spent.get(key) ?? 0 };
      });
    });
  }

  async append(decisions: readonly Decision[], fences: readonly Fence[]): Promise<void> {
    this.answer('append', () => {
      this.check(fences);
      if (fences.length === 0 || fences.length > decisions.length) throw new TypeError('a fence for each partition');
      for (const decision of decisions) {
        const before = this.decisions.get(decision.transition.id);
        if (before && JSON.stringify(before) !== JSON.stringify(decision))
          throw new TypeError('two moves of one number');
        this.decisions.set(decision.transition.id, decision);
      }
    });
  }

  async history(customers: readonly Pick<CustomerSince, 'tenant' | 'customer'>[]): Promise<readonly Decision[]> {
    return this.answer('history', () => {
      const asked = new Set(customers.map(({ tenant, customer }) => customerKey(tenant, customer)));
      return [...this.decisions.values()]
        .filter(({ transition: { tenant, customer } }) => asked.has(customerKey(tenant, customer)))
        .toSorted((a, b) => a.transition.sequence - b.transition.sequence);
    });
  }

  async eventsSince(customers: readonly CustomerSince[]): Promise<readonly CustomerEvents[]> {
    return this.answer('eventsSince', () =>
      customers.flatMap((asked) => {
        const own = this.events.get(customerKey(asked.tenant, asked.customer))?.own ?? [];
        const since = own
          .filter(({ at }) => at >= asked.since)
          .map(({ at, type }) => [at, type] as const)
          .toSorted(([a], [b]) => a - b);
        return since.length === 0 ? [] : [{ ...asked, events: since }];
      }),
    );
  }

  async unpublished(_share: Share): Promise<readonly Decision[]> {
    return [...this.decisions.values()].filter(({ transition }) => !this.published.has(transition.id));
  }

  async markPublished(decisions: readonly Decision[], _at: EpochMs): Promise<void> {
    this.answer('markPublished', () => {
      for (const { transition } of decisions) this.published.add(transition.id);
    });
  }

  async *customers(_share: Share, since: EpochMs, news: PerhapsUnseen): AsyncIterable<readonly KnownCustomer[]> {
    this.answer('customers', () => {});
    for (const { tenant, customer, own } of this.events.values()) {
      const touchedAt = own
        .filter(({ at, receivedAt }) => at > since || (receivedAt > news.receivedAfter && at > news.occurredAfter))
        .map(({ at }) => at);
      yield [{ tenant, customer, touchedAt: [...new Set(touchedAt)].toSorted((a, b) => a - b) }];
    }
  }

  async decidedUpTo(_share: Share): Promise<EpochMs | null> {
    return this.notes.at(-1) ?? null;
  }

  async recordDecidedUpTo(_share: Share, upTo: EpochMs): Promise<void> {
    this.answer('recordDecidedUpTo', () => this.notes.push(upTo));
  }

  private answer<T>(call: keyof FlagStore, work: () => T): T {
    this.asked.set(call, (this.asked.get(call) ?? 0) + 1);
    if (this.down.has(call)) throw new Error(`the store does not answer to ${call}`);
    const answer = work();
    if (this.mute.has(call)) throw new Error(`the store's answer to ${call} is lost`);
    return answer;
  }

  private check(fences: readonly Fence[]): void {
    for (const fence of fences) {
      const holder = this.fences.get(fence.resource);
      if (!holder || fenceText(holder) !== fenceText(fence))
        throw new ChurnError('FENCED', 'somebody else has taken over');
    }
  }
}
