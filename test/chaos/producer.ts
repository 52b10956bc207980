import { setTimeout as pause } from 'node:timers/promises';
import { isoOf, epochMs } from '#domain';
import type { Random } from '../../libs/simulator/src/random.js';
import type { Sent } from './lives.js';

/** What became of an event on the producer's side. */
export interface Fate {
  tries: number;
  /** Answered 202 so many times. */
  acknowledged: number;
}

const bodyOf = (events: readonly Sent[]): string =>
  JSON.stringify(
    events.map(({ source, id, type, customer, at, amount }) => ({
      specversion: '1.0',
      source,
      id,
      type,
      subject: customer,
      time: isoOf(epochMs(at)),
      ...(amount === null ? {} : { data: { amount } }),
    })),
  );

/** Three producers, each sending its events in order and again until they are acknowledged, under the same ids. */
export class Producers {
  readonly fates = new Map<string, Fate>();
  /** Statuses other than 202 and 503, and how often. */
  readonly odd = new Map<number, number>();
  stopped = false;

  constructor(
    private readonly url: () => string | null,
    private readonly random: Random,
    /** Share of acknowledged requests that are sent again all the same. */
    private readonly again: number,
  ) {}

  /** Resolves once every event is acknowledged, or the producers were stopped. */
  async hand(events: readonly Sent[]): Promise<void> {
    const shares = new Map<string, Sent[]>();
    for (const event of events) {
      const share = shares.get(event.source);
      if (share) share.push(event);
      else shares.set(event.source, [event]);
    }
    await Promise.all([...shares.values()].map((share) => this.insist(share)));
  }

  private async insist(events: readonly Sent[]): Promise<void> {
    while (!this.stopped) {
      for (const event of events) this.fateOf(event).tries += 1;
      const acknowledged = await this.post(events);
      if (acknowledged) for (const event of events) this.fateOf(event).acknowledged += 1;
      if (acknowledged && !this.random.chance(this.again)) return;
      if (!acknowledged) await pause(20);
    }
  }

  fateOf(event: Sent): Fate {
    const key = `${event.source}/${event.id}`;
    const fate = this.fates.get(key) ?? { tries: 0, acknowledged: 0 };
    this.fates.set(key, fate);
    return fate;
  }

  private async post(events: readonly Sent[]): Promise<boolean> {
    const url = this.url();
    if (url === null) return false;
    try {
      const response = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents-batch+json' },
        body: bodyOf(events),
        signal: AbortSignal.timeout(15_000),
      });
      const answer = (await response.json().catch(() => null)) as { readonly rejected?: number } | null;
      if (response.status !== 202 && response.status !== 503)
        this.odd.set(response.status, (this.odd.get(response.status) ?? 0) + 1);
      // What a gateway with a wrong clock refuses, it takes once its clock is right.
      return response.status === 202 && answer?.rejected === 0;
    } catch {
      return false;
    }
  }
}
