import type { CustomerId, EpochMs, TenantId } from '#domain';
import { customerId, engagementTypes, epochMs } from '#domain';
import type { ScoreModel } from '#scoring';
import { atRiskMs, frictionsBut, windowsMs } from '#scoring';
import { byTenant } from '../by-tenant.js';
import type { Store } from '../store.js';
import { periodsAsked, scoreCustomers, scoreEverybody } from './score-query.js';

export interface ScoredCustomer {
  readonly customer: CustomerId;
  /** P(outcome within the horizon). */
  readonly score: number;
}

/** Scores by a stored model, as of any instant: who is not at risk then is left out. Read-only. */
export class ClickHouseScorer {
  constructor(
    private readonly store: Store,
    private readonly model: ScoreModel,
  ) {}

  /** By name. */
  async everybody(tenant: TenantId, asOf: EpochMs): Promise<readonly ScoredCustomer[]> {
    return scoredOf(await this.store.tuples(scoreEverybody(this.model), this.asked(tenant, asOf)));
  }

  async customers(
    tenant: TenantId,
    customers: readonly CustomerId[],
    asOf: EpochMs,
  ): Promise<readonly ScoredCustomer[]> {
    const found: ScoredCustomer[] = [];
    for (const [, piece] of byTenant(customers.map((customer) => ({ tenant, customer })))) {
      const asked = { ...this.asked(tenant, asOf), customers: piece.map(({ customer }) => customer) };
      found.push(...scoredOf(await this.store.tuples(scoreCustomers(this.model), asked)));
    }
    return found;
  }

  private asked(tenant: TenantId, asOf: EpochMs) {
    const { outcome, pace, periodMs } = this.model;
    return {
      tenant,
      knownUpTo: asOf,
      asOfs: Array.from({ length: periodsAsked(this.model) }, (_, period) => epochMs(asOf + period * periodMs)),
      spans: windowsMs(pace).map(Math.round),
      engaged: [...engagementTypes],
      frictions: [...frictionsBut(outcome.event)],
      marked: outcome.event ?? '',
      activeFrom: asOf - atRiskMs(outcome),
    };
  }
}

const scoredOf = (rows: readonly (readonly [string, number])[]): readonly ScoredCustomer[] =>
  rows.map(([customer, score]) => ({ customer: customerId(customer), score }));
