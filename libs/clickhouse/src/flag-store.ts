import type { EpochMs, EventType } from '#domain';
import { customerId, epochMs, ruleId, tenantId } from '#domain';
import type {
  CustomerEvents,
  CustomerSince,
  Decision,
  Fence,
  FlagStore,
  KnownCustomer,
  PerhapsUnseen,
  Share,
  StoredFlag,
} from '#pipeline';
import { fenceText } from '#pipeline';
import { byTenant } from './by-tenant.js';
import { mustHold, renewFence, takeFence } from './fence.js';
import {
  customersPage,
  decidedUpTo,
  decisionOf,
  eventsSince,
  flagsNow,
  pastDecisions,
  touchedSince,
  unpublishedDecisions,
} from './queries/flags.js';
import type { Store } from './store.js';

export class ClickHouseFlagStore implements FlagStore {
  constructor(
    private readonly store: Store,
    /** A page of them is a few megabytes of text. */
    private readonly customersAtOnce = 50_000,
  ) {}

  async load(share: Share): Promise<readonly StoredFlag[]> {
    const rows = await this.store.rows(flagsNow, { partitions: [...share.partitions], count: share.count });
    return rows.map((row) => ({
      tenant: tenantId(row.tenant),
      customer: customerId(row.customer),
      rule: ruleId(row.rule),
      sequence: row.lastSequence,
      spent: row.spent,
      flag: {
        state: row.state,
        since: epochMs(row.since),
        episode: row.lastEpisode,
        clearedAt: row.clearedAt === null ? null : epochMs(row.clearedAt),
      },
    }));
  }

  async takeOver(share: Share): Promise<readonly Fence[]> {
    const fences: Fence[] = [];
    for (const partition of share.partitions) {
      fences.push(await takeFence(this.store, `sentinel/${partition}/${share.count}`));
    }
    return fences;
  }

  async renew(fences: readonly Fence[]): Promise<readonly Fence[]> {
    const renewed: Fence[] = [];
    for (const fence of fences) renewed.push(await renewFence(this.store, fence));
    return renewed;
  }

  async mustHold(fences: readonly Fence[]): Promise<void> {
    for (const fence of fences) await mustHold(this.store, fence);
  }

  async append(decisions: readonly Decision[], fences: readonly Fence[]): Promise<void> {
    if (fences.length > decisions.length) throw new TypeError('more fences than decisions');
    await this.store.insert(
      'transition_door_v1',
      [
        'id',
        'sequence',
        'tenant',
        'customer',
        'rule',
        'rule_version',
        'episode',
        'from_state',
        'to_state',
        'became_due_at',
        'detected_at',
        'severity',
        'reason',
        'evidence',
        'cleared_at',
        'amends',
        'alert_id',
        'retracts',
        'alert',
        'fence',
      ],
      decisions.map(({ transition: move, alert }, index) => [
        move.id,
        move.sequence,
        move.tenant,
        move.customer,
        move.rule,
        move.ruleVersion,
        move.episode,
        move.from,
        move.to,
        move.becameDueAt,
        move.detectedAt,
        move.severity,
        move.reason,
        JSON.stringify(move.evidence),
        move.clearedAt,
        move.amends,
        alert?.id ?? '',
        alert?.retracts ?? '',
        alert === null ? '' : JSON.stringify(alert),
        fences[index] === undefined ? '' : fenceText(fences[index]),
      ]),
    );
  }

  async history(customers: readonly Pick<CustomerSince, 'tenant' | 'customer'>[]): Promise<readonly Decision[]> {
    const decisions: Decision[] = [];
    for (const [tenant, own] of byTenant(customers)) {
      const rows = await this.store.rows(pastDecisions, { tenant, customers: own.map(({ customer }) => customer) });
      decisions.push(...rows.map(decisionOf));
    }
    return decisions;
  }

  async eventsSince(customers: readonly CustomerSince[]): Promise<readonly CustomerEvents[]> {
    const found: CustomerEvents[] = [];
    for (const [tenant, own] of byTenant(customers)) {
      const since = new Map(own.map((each) => [each.customer as string, each.since]));
      const rows = await this.store.tuples(eventsSince, {
        tenant,
        customers: [...since.keys()],
        places: [...since.keys()].map((_, index) => index + 1),
        since: [...since.values()],
        earliest: Math.min(...since.values()),
      });
      for (const [customer, instants, types] of rows) {
        const events = instants.map((at, index) => [epochMs(at), types[index] as EventType] as const);
        found.push({ tenant, customer: customerId(customer), since: since.get(customer)!, events });
      }
    }
    return found;
  }

  async unpublished(share: Share): Promise<readonly Decision[]> {
    const rows = await this.store.rows(unpublishedDecisions, { partitions: [...share.partitions], count: share.count });
    return rows.map(decisionOf);
  }

  async markPublished(decisions: readonly Decision[], at: EpochMs): Promise<void> {
    await this.store.insert(
      'publication_v1',
      ['transition_id', 'at'],
      decisions.map(({ transition }) => [transition.id, at]),
    );
  }

  async *customers(share: Share, since: EpochMs, news: PerhapsUnseen): AsyncIterable<readonly KnownCustomer[]> {
    const own = { partitions: [...share.partitions], count: share.count };
    let after: readonly [string, string] = ['', ''];
    for (;;) {
      const rows = await this.store.tuples(customersPage, {
        ...own,
        afterTenant: after[0],
        afterCustomer: after[1],
        limit: this.customersAtOnce,
      });
      const [first, last] = [rows[0], rows.at(-1)];
      if (first === undefined || last === undefined) return;
      const touched = await this.store.tuples(touchedSince, {
        ...own,
        since,
        ...news,
        firstTenant: first[0],
        firstCustomer: first[1],
        lastTenant: last[0],
        lastCustomer: last[1],
      });
      const instants = new Map(touched.map(([tenant, customer, at]) => [JSON.stringify([tenant, customer]), at]));
      yield rows.map(([tenant, customer]) => ({
        tenant: tenantId(tenant),
        customer: customerId(customer),
        touchedAt: (instants.get(JSON.stringify([tenant, customer])) ?? []).map(epochMs),
      }));
      if (rows.length < this.customersAtOnce) return;
      after = last;
    }
  }

  async decidedUpTo(share: Share): Promise<EpochMs | null> {
    const rows = await this.store.rows(decidedUpTo, { partitions: [...share.partitions], count: share.count });
    if (rows.length < share.partitions.length) return null;
    return epochMs(Math.min(...rows.map((row) => row.upTo)));
  }

  async recordDecidedUpTo(share: Share, upTo: EpochMs): Promise<void> {
    await this.store.insert(
      'decided_v1',
      ['partition', 'partitions', 'up_to', 'version'],
      share.partitions.map((partition) => [partition, share.count, upTo, Date.now()]),
    );
  }
}
