import type { CustomerId, EpochMs, TenantId } from '#domain';
import { customerKey, epochMs } from '#domain';

/** Somebody whose history has come in, or has not come to an end yet. */
export interface Arrival {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  /** What they did lately, told while their history was coming in. */
  readonly recent: readonly EpochMs[];
}

/**
 * Customers of whom history is coming in. Half a history looks like a long silence, so nobody is judged by it: they are
 * looked at once no history has come for a while. Whoever imports brings many customers' pasts in whatever order, so
 * all of them wait for each other.
 */
export class ArrivingHistory {
  private readonly waiting = new Map<string, Arrival & { readonly recent: EpochMs[] }>();
  private lastAt = epochMs(0);

  /** `settleMs`: for how long none must have come. */
  constructor(private readonly settleMs: number) {}

  get size(): number {
    return this.waiting.size;
  }

  clear(): void {
    this.waiting.clear();
  }

  /** Something of long ago came in at `now`. */
  add(tenant: TenantId, customer: CustomerId, now: EpochMs): void {
    const key = customerKey(tenant, customer);
    if (!this.waiting.has(key)) this.waiting.set(key, { tenant, customer, recent: [] });
    this.lastAt = now;
  }

  /** Keeps what somebody did lately if their history is coming in; tells whether it is. */
  keep(tenant: TenantId, customer: CustomerId, at: EpochMs): boolean {
    const arrival = this.waiting.get(customerKey(tenant, customer));
    arrival?.recent.push(at);
    return arrival !== undefined;
  }

  /** Everybody, once it has come to an end. */
  takeSettled(now: EpochMs): readonly Arrival[] {
    if (this.waiting.size === 0 || now < this.lastAt + this.settleMs) return [];
    const settled = [...this.waiting.values()];
    this.waiting.clear();
    return settled;
  }
}
