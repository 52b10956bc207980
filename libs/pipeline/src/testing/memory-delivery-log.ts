import type { Alert, Attempt, Incident, Intent } from '#domain';
import { ChurnError } from '#domain';
import type {
  DeliveryLog,
  OpenCursor,
  OpenDelivery,
  OpenPage,
  OpenQuestion,
  Original,
  Overtaken,
} from '../ports/delivery-log.js';

/** The courier's side of the outbox in memory. It outlives the couriers of a test as the store outlives a process. */
export class MemoryDeliveryLog implements DeliveryLog {
  readonly attempts: Attempt[] = [];
  readonly intents: Intent[] = [];
  readonly #alerts = new Map<string, Alert>();
  readonly #resolved = new Set<string>();
  /** Open incidents, each with whom it hit. */
  readonly incidents: (Pick<Incident, 'id' | 'kinds'> & { readonly customers: readonly string[] })[] = [];
  /** True: every call fails as if the store were down. */
  away = false;

  /** What the sentinel's insert does. */
  raise(...alerts: readonly Alert[]): void {
    for (const alert of alerts) this.#alerts.set(alert.id, alert);
  }

  /** The flag was cleared: the customer came back. */
  resolve(...alerts: readonly Alert[]): void {
    for (const alert of alerts) this.#resolved.add(alert.id);
  }

  of(alert: Pick<Alert, 'id'>, channel: string): readonly Attempt[] {
    return this.attempts.filter((attempt) => attempt.alert === alert.id && attempt.channel === channel);
  }

  async announce(intents: readonly Intent[]): Promise<void> {
    this.#mustBeThere();
    this.intents.push(...intents);
  }

  async record(attempts: readonly Attempt[]): Promise<void> {
    this.#mustBeThere();
    this.attempts.push(...attempts);
  }

  async open({ channels, dueOnly, now, since, after, limit }: OpenQuestion): Promise<OpenPage> {
    this.#mustBeThere();
    const owed = [...this.#alerts.values()]
      .filter((alert) => alert.detectedAt > since)
      .flatMap((alert) => channels.flatMap((channel) => this.#openFor(alert, channel)))
      .filter(({ channel, retryAt }) => !dueOnly.includes(channel) || (retryAt ?? now) <= now)
      .map((delivery) => ({ delivery, at: placeOf(delivery) }))
      .toSorted((a, b) => inOrder(a.at, b.at))
      .filter(({ at }) => after === null || inOrder(at, after) > 0);
    const page = owed.slice(0, limit);
    return {
      deliveries: page.map(({ delivery }) => delivery),
      next: owed.length > limit ? page.at(-1)!.at : null,
    };
  }

  #openFor(alert: Alert, channel: string): OpenDelivery[] {
    const { open, attempts, mayHaveArrived } = this.#standing(alert.id, channel);
    if (!open) return [];
    const retryAt = this.of(alert, channel).at(-1)?.retryAt ?? null;
    const original = alert.retracts === null ? null : this.#standing(alert.retracts, channel);
    const overtaken = this.#overtaken(alert);
    const incidents = this.incidents.filter(({ customers }) => customers.includes(alert.customer));
    const heldFor = this.of(alert, channel).findLast(({ incident }) => incident !== undefined)?.incident ?? null;
    return [{ alert, channel, attempts, retryAt, mayHaveArrived, overtaken, original, incidents, heldFor }];
  }

  #standing(id: Alert['id'], channel: string): Original {
    const tried = this.of({ id }, channel);
    const intended = this.intents.filter((intent) => intent.alert === id && intent.channel === channel);
    const known = Math.max(0, ...tried.map(({ number }) => number));
    const begun = Math.max(0, ...intended.map(({ number }) => number));
    return {
      open: this.#alerts.has(id) && tried.every(({ state }) => state === 'retrying'),
      attempts: Math.max(known, begun),
      mayHaveArrived: begun > known || tried.some((attempt) => attempt.mayHaveArrived),
    };
  }

  #overtaken(alert: Alert): Overtaken | null {
    if (alert.kind === 'retraction') return null;
    if ([...this.#alerts.values()].some(({ retracts }) => retracts === alert.id)) return 'retracted';
    return this.#resolved.has(alert.id) ? 'resolved' : null;
  }

  #mustBeThere(): void {
    if (this.away) throw new ChurnError('STORE_UNAVAILABLE', 'the store is away', { retryable: true });
  }
}

const placeOf = ({ alert, channel }: OpenDelivery): OpenCursor => ({
  detectedAt: alert.detectedAt,
  retraction: alert.kind === 'retraction',
  alert: alert.id,
  channel,
});

function inOrder(a: OpenCursor, b: OpenCursor): number {
  if (a.detectedAt !== b.detectedAt) return a.detectedAt - b.detectedAt;
  if (a.retraction !== b.retraction) return a.retraction ? 1 : -1;
  if (a.alert !== b.alert) return a.alert < b.alert ? -1 : 1;
  return a.channel < b.channel ? -1 : Number(a.channel > b.channel);
}
