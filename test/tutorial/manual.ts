import type { CustomerAnswer, AlertItem, AlertsAnswer } from '#contracts';
import { Sentinel } from '#pipeline';
import type { Standalone, StandaloneOptions } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

export { until } from '../support/standalone.js';

/** One event as a producer writes it; the rest of its envelope is filled in. */
export interface Told {
  readonly type: string;
  readonly subject: string;
  readonly time?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** The app that a chapter talks to, over HTTP only. */
export class Chapter {
  private constructor(readonly app: Standalone) {}

  /** With the pack for apps and internet services, unless `env` says otherwise. */
  static async begin(options: StandaloneOptions = {}): Promise<Chapter> {
    return new Chapter(await startStandalone({ ...options, env: { PACK: 'app', ...options.env } }));
  }

  async end(): Promise<void> {
    await this.app.stop();
    this.app.forget();
  }

  async post(body: unknown, type = 'application/json'): Promise<Response> {
    const headers = { 'content-type': type };
    return fetch(`${this.app.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async tell(...events: readonly Told[]): Promise<void> {
    const batch = events.map((event) => ({ specversion: '1.0', id: crypto.randomUUID(), source: 'manual', ...event }));
    const { status } = await this.post(batch);
    if (status !== 202) throw new Error(`the events were answered with ${status}`);
  }

  /** Resolves when everything that is stored by now has been looked at. */
  async decided(): Promise<void> {
    const asked = Date.now();
    const sentinel = this.app.app.get(Sentinel, { strict: false });
    await until('all to be looked at', () => (sentinel.decidedUpTo ?? 0) >= asked);
  }

  /** Null while nothing is known of the customer. */
  async customer(id: string): Promise<CustomerAnswer | null> {
    const answer = await fetch(`${this.app.url}/v1/customers/${id}`);
    return answer.status === 404 ? null : ((await answer.json()) as CustomerAnswer);
  }

  async flag(id: string, rule: string): Promise<CustomerAnswer['flags'][number] | undefined> {
    return (await this.customer(id))?.flags.find((flag) => flag.rule === rule);
  }

  async alerts(customer: string): Promise<readonly AlertItem[]> {
    const answer = await fetch(`${this.app.url}/v1/alerts?customer=${customer}`);
    return ((await answer.json()) as AlertsAnswer).items;
  }
}
