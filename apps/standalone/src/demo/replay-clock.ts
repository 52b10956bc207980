import type { Clock, EpochMs } from '#domain';
import { epochMs } from '#domain';

/**
 * Runs `speed` times as fast as the wall, but never beyond what the feed has handed over: an instant that passed
 * before its events were published would look like silence. Once released it runs with the wall from where it stands.
 */
export class ReplayClock implements Clock {
  private startedAt = performance.now();
  private released: { readonly at: EpochMs; readonly wallMs: number } | null = null;

  constructor(
    private readonly startAt: EpochMs,
    readonly speed: number,
    private horizon: EpochMs = startAt,
  ) {}

  /** Before this it stands at its first instant. */
  start(): void {
    this.startedAt = performance.now();
  }

  /** Where the clock would like to be: the feed hands over everything up to here, then moves the horizon. */
  get wanted(): EpochMs {
    return epochMs(this.startAt + (performance.now() - this.startedAt) * this.speed);
  }

  now(): EpochMs {
    if (this.released) return epochMs(this.released.at + (performance.now() - this.released.wallMs));
    return this.wanted < this.horizon ? this.wanted : this.horizon;
  }

  /** Everything that occurred before `until` has been handed over. */
  handedOver(until: EpochMs): void {
    this.horizon = until;
  }

  /** Takes a pause of the feed out of the pace, so that nothing is hurried after it. */
  excuse(wallMs: number): void {
    this.startedAt += wallMs;
  }

  release(): void {
    this.released = { at: this.now(), wallMs: performance.now() };
  }
}
