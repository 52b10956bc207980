import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { ProgressReport } from '#pipeline';
import type { Log } from '#platform';

/** Sends the tracker's progress again and again; one report at a time. */
export class ProgressReporter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();
  private away = false;

  constructor(
    private readonly report: ProgressReport,
    private readonly everyMs: number,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.next();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.sending;
  }

  private next(): void {
    this.timer = setTimeout(() => {
      this.sending = this.send().finally(() => {
        if (this.timer !== undefined) this.next();
      });
    }, this.everyMs);
  }

  private async send(): Promise<void> {
    try {
      await this.report.send();
      if (this.away) this.log.info('progress-resumed');
      this.away = false;
    } catch (error) {
      // Without progress no absence is decided; that is safe, and said once.
      if (!this.away) this.log.warn('progress-unknown', { err: error });
      this.away = true;
    }
  }
}
