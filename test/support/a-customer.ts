import type { ActivityEvent, CustomerId, EventType, TenantId } from '#domain';
import { customerId, DAY, epochMs, tenantId } from '#domain';

/** Days between one time and the next. */
export const daily = 1;
export const weekly = 7;

const start = Date.UTC(2026, 0, 1, 9);

/** Tells a customer's history in the order it happened; the story's clock begins on 2026-01-01 at nine. */
export class CustomerStory {
  readonly events: ActivityEvent[] = [];
  private at = start;

  constructor(
    readonly id: CustomerId,
    private readonly tenant: TenantId,
  ) {}

  /** Where the story's clock stands. */
  get now(): number {
    return this.at;
  }

  /** One event now; the clock stays. */
  does(type: EventType, amount: number | null = null): this {
    this.events.push({
      tenant: this.tenant,
      id: `${this.id}-${this.events.length}`,
      source: 'story',
      type,
      customer: this.id,
      occurredAt: epochMs(this.at),
      receivedAt: epochMs(this.at),
      amount,
      platform: '',
      channel: '',
      appVersion: '',
      attributes: {},
    });
    return this;
  }

  /** As many events, so many days apart; afterwards it is that much later than the last. */
  repeats(type: EventType, everyDays: number, times: number, amount: number | null = null): this {
    for (let time = 0; time < times; time++) this.does(type, amount).later(everyDays);
    return this;
  }

  opens(everyDays: number, times: number): this {
    for (let time = 0; time < times; time++) this.does('app_open').does('session_start').later(everyDays);
    return this;
  }

  buys(everyDays: number, times: number, amount: number): this {
    return this.repeats('order', everyDays, times, amount);
  }

  /** Lets days pass. */
  later(days: number): this {
    this.at += days * DAY;
    return this;
  }
}

export const aCustomer = (id: string, tenant = tenantId('default')): CustomerStory =>
  new CustomerStory(customerId(id), tenant);
