import type { Clock, EpochMs } from '#domain';
import { parseSpan, plus } from '#domain';
import type { Scheduler } from '../scheduler.js';

/** A clock that stands still until the test turns it, and timers that ring as it passes them. */
export class HandTurnedTime implements Clock, Scheduler {
  #now: EpochMs;
  #timers: { readonly instant: EpochMs; readonly task: () => void }[] = [];

  constructor(start: EpochMs) {
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now;
  }

  at(instant: EpochMs, task: () => void): () => void {
    const timer = { instant, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** The instants at which something is to happen, soonest first. */
  pending(): readonly EpochMs[] {
    return this.#timers.map(({ instant }) => instant).toSorted((a, b) => a - b);
  }

  /** Turns the clock by a span such as "5m", ringing every timer at its own instant and letting its work settle. */
  async advance(span: string): Promise<void> {
    const until = plus(this.#now, parseSpan(span) ?? Number.NaN);
    for (;;) {
      await settle();
      const next = this.#timers.toSorted((a, b) => a.instant - b.instant).find(({ instant }) => instant <= until);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      if (next.instant > this.#now) this.#now = next.instant;
      next.task();
    }
    this.#now = until;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
