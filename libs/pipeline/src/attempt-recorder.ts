import type { Attempt, Clock } from '#domain';
import { plus, SECOND } from '#domain';
import type { DeliveryLog } from './ports/delivery-log.js';
import type { Scheduler } from './scheduler.js';

const pauseMs = SECOND;

/**
 * Writes attempts down, those that come while one write is under way together in the next.
 * A store that is away is asked again until it is back: an alert that arrived must not go out again for want of a row.
 */
export class AttemptRecorder {
  #waiting: { readonly attempt: Attempt; readonly done: (recorded: boolean) => void }[] = [];
  #writing = false;
  #abandoned = false;

  constructor(
    private readonly log: DeliveryLog,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
  ) {}

  /** True once the attempt is durable; false when the recorder was abandoned before. */
  record(attempt: Attempt): Promise<boolean> {
    if (this.#abandoned) return Promise.resolve(false);
    return new Promise((done) => {
      this.#waiting.push({ attempt, done });
      if (!this.#writing) void this.#write();
    });
  }

  /** Lets everybody who waits go. What was not written is tried again after a restart, under the same alert id. */
  abandon(): void {
    this.#abandoned = true;
    for (const { done } of this.#waiting.splice(0)) done(false);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = [...this.#waiting];
      try {
        await this.log.record(batch.map(({ attempt }) => attempt));
        this.#waiting = this.#waiting.filter((entry) => !batch.includes(entry));
        for (const { done } of batch) done(true);
      } catch {
        await new Promise<void>((resume) => this.scheduler.at(plus(this.clock.now(), pauseMs), resume));
      }
    }
    this.#writing = false;
  }
}
