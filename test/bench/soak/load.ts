import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivityEvent } from '#domain';
import { DAY, epochMs } from '#domain';
import { simulate } from '#simulator';

const source = 'soak';
const mostPerRequest = 500;
const mostUnderWay = 6;
const tickMs = 100;

/** Sends events to the gateway as a producer does: until they are acknowledged, waiting as long as it is told to. */
export class Load {
  sent = 0;
  acknowledged = 0;
  /** Answers other than 202, by status; 0: no answer. */
  readonly otherAnswers = new Map<number, number>();
  slowestMs = 0;
  readonly #events: Iterator<ActivityEvent>;
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly url: string,
    options: { readonly seed: number; readonly customers: number },
  ) {
    this.#events = endless(options);
  }

  /** Steadily `rate` events a second, each as though it had just occurred, until `signal` aborts; resolves when all are acknowledged. */
  async steadily(rate: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const before = this.sent;
    while (!signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * rate) - (this.sent - before);
      await this.#send(due);
      await sleep(tickMs);
    }
    await this.settle();
  }

  /** As fast as it is taken while `mayGoOn` allows. */
  async flatOut(mayGoOn: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await mayGoOn()) await this.#send(mostPerRequest * 2);
      else await sleep(tickMs / 2);
    }
    await this.settle();
  }

  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #send(count: number): Promise<void> {
    for (let left = count; left > 0; left -= mostPerRequest) {
      while (this.#underWay.size >= mostUnderWay) await Promise.race(this.#underWay);
      const events = Array.from({ length: Math.min(left, mostPerRequest) }, () => this.#next());
      this.sent += events.length;
      const run: Promise<void> = this.#deliver(events).finally(() => this.#underWay.delete(run));
      this.#underWay.add(run);
    }
  }

  #next(): object {
    const { value } = this.#events.next() as { readonly value: ActivityEvent };
    const { id, type, customer, amount, platform, channel, appVersion, attributes } = value;
    const time = new Date().toISOString();
    const data = { amount, platform, channel, appVersion, attributes };
    return { specversion: '1.0', id, source, type, subject: customer, time, data };
  }

  async #deliver(events: readonly object[]): Promise<void> {
    const body = JSON.stringify(events);
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    for (;;) {
      const startedAt = performance.now();
      let status = 0;
      let waitMs = 1_000;
      try {
        const response = await fetch(`${this.url}/v1/events`, { method: 'POST', headers, body });
        status = response.status;
        waitMs = Number(response.headers.get('retry-after') ?? '1') * 1_000;
        await response.arrayBuffer();
      } catch {
        // No answer: sent again, as any producer would.
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
      if (status === 202) break;
      this.otherAnswers.set(status, (this.otherAnswers.get(status) ?? 0) + 1);
      if (status >= 400 && status < 500 && status !== 429) throw new Error(`the gateway answered ${status}`);
      await sleep(waitMs);
    }
    this.acknowledged += events.length;
  }
}

/** A simulated base's events over and over, each time under new ids; the same customers all the time. */
function* endless({ seed, customers }: { seed: number; customers: number }): Generator<ActivityEvent> {
  const days = 28;
  const startAt = epochMs(Math.floor(Date.now() / DAY) * DAY - days * DAY);
  for (let round = 0; ; round++) {
    for (const event of simulate({ seed: seed + round, customers, days, startAt }).events())
      yield { ...event, id: `${round}-${event.id}` };
  }
}
