import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { SECOND } from '#domain';
import type { Channel, Courier } from '#pipeline';
import type { Log } from '#platform';
import type { AlertShare } from './alert-share.js';

const lookEveryMs = SECOND;
const sweepEveryMs = 30 * SECOND;
/** For who closes the application without having drained it. */
const drainWithinMs = 10 * SECOND;

/**
 * Sweeps the outbox: at the start and whenever the share changes, because somebody else may have left something there,
 * and from time to time for stragglers.
 */
export class CourierRounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private sweptAt = Number.NEGATIVE_INFINITY;
  /** The change of the share that the last sweep from the beginning followed. */
  private sweptChange = -1;
  private failing = false;
  private drained: Promise<void> | undefined;

  constructor(
    private readonly courier: Courier,
    private readonly share: AlertShare,
    private readonly channels: readonly Channel[],
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.round = this.look();
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.look());
    }, lookEveryMs);
  }

  /** Ends the rounds, then the deliveries (cut off when `signal` aborts), then the channels. Again: the same end. */
  drain(signal: AbortSignal): Promise<void> {
    return (this.drained ??= this.letGo(signal));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.drain(AbortSignal.timeout(drainWithinMs));
  }

  private async letGo(signal: AbortSignal): Promise<void> {
    clearInterval(this.timer);
    await this.courier.drain(signal);
    await Promise.all(this.channels.map((channel) => channel.close()));
  }

  private async look(): Promise<void> {
    if (this.drained !== undefined) return;
    try {
      const change = await this.share.refresh();
      const isSettled = change === this.sweptChange;
      if (isSettled && performance.now() - this.sweptAt < sweepEveryMs) return;
      // Somebody else, or nobody, was answerable for part of the share until now.
      await this.courier.sweep(isSettled ? 'recent' : 'all');
      this.sweptChange = change;
      this.sweptAt = performance.now();
      if (this.failing) this.log.info('outbox-sweep-resumed');
      this.failing = false;
    } catch (error) {
      // Alerts wait in the outbox; the next look tries again, and it is said once.
      if (!this.failing) this.log.warn('outbox-sweep-failed', { err: error });
      this.failing = true;
    }
  }
}
