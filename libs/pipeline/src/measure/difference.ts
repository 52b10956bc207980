import type { CustomerId, EpochMs, RuleId } from '#domain';

export interface RaisedAlert {
  readonly rule: RuleId;
  readonly at: EpochMs;
}

/** A customer to whom a draft and the pack in force would not have raised the same alerts. */
export interface DifferingCustomer {
  readonly customer: CustomerId;
  /** Raised by the draft alone, oldest first. */
  readonly added: readonly RaisedAlert[];
  /** Raised by the pack in force alone. */
  readonly dropped: readonly RaisedAlert[];
}

export interface Difference {
  /** Same customer, rule and millisecond. */
  readonly alike: number;
  readonly rules: readonly {
    readonly rule: RuleId;
    readonly alike: number;
    readonly added: number;
    readonly dropped: number;
  }[];
  /** By name. */
  readonly customers: readonly DifferingCustomer[];
}

export class Differences {
  private alike = 0;
  private readonly rules = new Map<RuleId, { alike: number; added: number; dropped: number }>();
  private readonly customers: DifferingCustomer[] = [];

  add(customer: CustomerId, draft: readonly RaisedAlert[], inForce: readonly RaisedAlert[]): void {
    const isSame = (a: RaisedAlert) => (b: RaisedAlert) => a.rule === b.rule && a.at === b.at;
    const only = (own: readonly RaisedAlert[], other: readonly RaisedAlert[]): readonly RaisedAlert[] =>
      own.filter((alert) => !other.some(isSame(alert))).map(({ rule, at }) => ({ rule, at }));
    const [added, dropped] = [only(draft, inForce), only(inForce, draft)];
    for (const { rule } of added) this.of(rule).added += 1;
    for (const { rule } of dropped) this.of(rule).dropped += 1;
    for (const alert of draft.filter((each) => inForce.some(isSame(each)))) {
      this.of(alert.rule).alike += 1;
      this.alike += 1;
    }
    if (added.length + dropped.length > 0) this.customers.push({ customer, added, dropped });
  }

  found(): Difference {
    const rules = [...this.rules].map(([rule, counts]) => ({ rule, ...counts }));
    return {
      alike: this.alike,
      rules: rules.toSorted((a, b) => (a.rule < b.rule ? -1 : 1)),
      customers: this.customers,
    };
  }

  private of(rule: RuleId): { alike: number; added: number; dropped: number } {
    let counts = this.rules.get(rule);
    if (counts === undefined) this.rules.set(rule, (counts = { alike: 0, added: 0, dropped: 0 }));
    return counts;
  }
}
