import type { Alert, Attempt, EpochMs } from '#domain';
import { ChurnError } from '#domain';
import type { DeliveryLog, OpenDelivery } from '../ports/delivery-log.js';

/** The courier's side of the outbox in memory. It outlives the couriers of a test as the store outlives a process. */
export class MemoryDeliveryLog implements DeliveryLog {
  readonly attempts: Attempt[] = [];
  readonly #alerts = new Map<string, Alert>();
  /** True: every call fails as if the store were down. */
  away = false;

  /** What the sentinel's insert does. */
  raise(...alerts: readonly Alert[]): void {
    for (const alert of alerts) this.#alerts.set(alert.id, alert);
  }

  of(alert: Alert, channel: string): readonly Attempt[] {
    return this.attempts.filter((attempt) => attempt.alert === alert.id && attempt.channel === channel);
  }

  async record(attempts: readonly Attempt[]): Promise<void> {
    this.#mustBeThere();
    this.attempts.push(...attempts);
  }

  async open(channels: readonly string[], since: EpochMs): Promise<readonly OpenDelivery[]> {
    this.#mustBeThere();
    const raised = [...this.#alerts.values()].filter((alert) => alert.detectedAt > since);
    return channels.flatMap((channel) => raised.flatMap((alert) => this.#openFor(alert, channel)));
  }

  #openFor(alert: Alert, channel: string): OpenDelivery[] {
    const last = this.of(alert, channel).at(-1);
    if (last !== undefined && last.state !== 'retrying') return [];
    return [{ alert, channel, attempts: last?.number ?? 0, retryAt: last?.retryAt ?? null }];
  }

  #mustBeThere(): void {
    if (this.away) throw new ChurnError('STORE_UNAVAILABLE', 'the store is away', { retryable: true });
  }
}
