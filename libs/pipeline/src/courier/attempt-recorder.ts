import type { Attempt, Clock, Intent } from '#domain';
import { plus, SECOND } from '#domain';
import type { DeliveryLog } from '../ports/delivery-log.js';
import type { Scheduler } from '../scheduler.js';

const pauseMs = SECOND;

/**
 * Writes tries down: before they begin, and how they ended. Those that come while one write is under way go together in
 * the next. A store that is away is asked again until it is back: an alert that arrived must not go out again for want
 * of a row, and none goes out of which a crash would leave no trace.
 */
export class AttemptRecorder {
  readonly #intents: Ledger<Intent>;
  readonly #attempts: Ledger<Attempt>;

  constructor(log: DeliveryLog, clock: Clock, scheduler: Scheduler) {
    const pause = (): Promise<void> =>
      new Promise((resume) => scheduler.at(plus(clock.now(), pauseMs), () => resume()));
    this.#intents = new Ledger((intents) => log.announce(intents), pause);
    this.#attempts = new Ledger((attempts) => log.record(attempts), pause);
  }

  /** True once it is durable that this try may take place; false when the recorder was abandoned before. */
  announce(intent: Intent): Promise<boolean> {
    return this.#intents.write([intent]);
  }

  /** True once the attempts are durable; false when the recorder was abandoned before. */
  record(...attempts: readonly Attempt[]): Promise<boolean> {
    return this.#attempts.write(attempts);
  }

  /** Lets everybody who waits go. What was not written is tried again after a restart, under the same alert id. */
  abandon(): void {
    this.#intents.abandon();
    this.#attempts.abandon();
  }
}

class Ledger<T> {
  #waiting: { readonly entries: readonly T[]; readonly done: (written: boolean) => void }[] = [];
  #writing = false;
  #abandoned = false;

  constructor(
    private readonly append: (entries: readonly T[]) => Promise<void>,
    private readonly pause: () => Promise<void>,
  ) {}

  write(entries: readonly T[]): Promise<boolean> {
    if (this.#abandoned) return Promise.resolve(false);
    return new Promise((done) => {
      this.#waiting.push({ entries, done });
      if (!this.#writing) void this.#write();
    });
  }

  abandon(): void {
    this.#abandoned = true;
    for (const { done } of this.#waiting.splice(0)) done(false);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = [...this.#waiting];
      try {
        await this.append(batch.flatMap(({ entries }) => entries));
        this.#waiting.splice(0, batch.length);
        for (const { done } of batch) done(true);
      } catch {
        await this.pause();
      }
    }
    this.#writing = false;
  }
}
