import type { EpochMs } from '#domain';
import { DAY, epochMs, HOUR, plus } from '#domain';
import type { Observer } from '../ports/observer.js';
import type { ValueStore } from '../ports/value-store.js';

/**
 * Has the value of the base worked out once for each UTC day, as soon as everything of the day before has been read. What
 * fails is tried again an hour later: a figure that is a day old must not stop a decision.
 */
export class ValueRounds {
  private nextAt: EpochMs | null = null;

  constructor(
    private readonly store: ValueStore,
    private readonly observer: Observer,
  ) {}

  async look(readUpTo: EpochMs): Promise<void> {
    if (this.nextAt !== null && readUpTo < this.nextAt) return;
    const day = epochMs(Math.floor(readUpTo / DAY) * DAY);
    const started = performance.now();
    try {
      const before = await this.store.workedOutAt();
      if (before === null || before < day) {
        await this.store.workOut(day);
        this.observer({ kind: 'valued', tookMs: performance.now() - started, failure: null });
      }
      this.nextAt = plus(day, DAY);
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.observer({ kind: 'valued', tookMs: performance.now() - started, failure });
      this.nextAt = plus(readUpTo, HOUR);
    }
  }
}
