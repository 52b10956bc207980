import type { Alert, Clock, EpochMs } from '#domain';
import { epochMs, plus } from '#domain';
import { AttemptRecorder } from './attempt-recorder.js';
import type { LaneLimits } from './delivery-lane.js';
import { DeliveryLane } from './delivery-lane.js';
import type { Channel } from './ports/channel.js';
import type { DeliveryLog } from './ports/delivery-log.js';
import type { Observer } from './ports/observer.js';
import type { Scheduler } from './scheduler.js';

export interface CourierParts {
  readonly channels: readonly Channel[];
  readonly log: DeliveryLog;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** From 0 up to 1; spreads retries. */
  readonly random: () => number;
  readonly observer: Observer;
  /** Which alerts this process answers for; couriers side by side must not deliver each other's. Unset: all. */
  readonly owns?: (alert: Alert) => boolean;
}

/**
 * Delivers every alert through every channel at least once, under one alert id.
 *
 * The outbox in the store is the only truth: a nudge says that there is something new, a sweep that there may be
 * something left, and both read there what is still open. So an alert recorded as delivered never goes out again,
 * and whatever does not fit into memory, or was lost with it, comes back with the next sweep.
 */
export class Courier {
  readonly #lanes: ReadonlyMap<string, DeliveryLane>;
  readonly #recorder: AttemptRecorder;
  readonly #cut = new AbortController();
  #reading: Promise<unknown> = Promise.resolve();
  #nextReading: Promise<void> | null = null;
  #since: EpochMs | null = null;
  #stopped = false;

  constructor(
    private readonly parts: CourierParts,
    private readonly limits: LaneLimits,
  ) {
    const { log, clock, scheduler, random, observer, owns = () => true } = parts;
    this.#recorder = new AttemptRecorder(log, clock, scheduler);
    const shared = { recorder: this.#recorder, clock, scheduler, random, observer, owns, cut: this.#cut.signal };
    this.#lanes = new Map(
      parts.channels.map((channel) => [channel.name, new DeliveryLane(channel, shared, limits)] as const),
    );
    if (this.#lanes.size < parts.channels.length) throw new TypeError('two channels share a name');
  }

  /** For alerts just raised. Resolves when they are in their lanes, not when they have arrived; throws what the log throws. */
  async nudge(alerts: readonly Alert[]): Promise<void> {
    const mine = alerts.filter((alert) => this.parts.owns?.(alert) ?? true);
    if (mine.length === 0) return;
    // Just before the oldest, for the log answers what was raised after an instant.
    await this.#read(epochMs(mine.reduce((oldest, alert) => Math.min(oldest, alert.detectedAt), Infinity) - 1));
  }

  /** For whatever was left behind: at the start, and from time to time. */
  async sweep(): Promise<void> {
    // Twice the time to live: what grew too old while nobody looked is still to be given up visibly.
    await this.#read(plus(this.parts.clock.now(), -2 * this.limits.ttlMs));
  }

  /** What each channel holds in memory. */
  load(): Readonly<Record<string, DeliveryLane['load']>> {
    return Object.fromEntries([...this.#lanes].map(([name, lane]) => [name, lane.load]));
  }

  /**
   * Begins nothing more, and resolves when every try under way is over and written down. When `signal` aborts, tries
   * are cut off: they stay open in the outbox and are repeated, under the same id, after the next start.
   */
  async drain(signal: AbortSignal): Promise<void> {
    this.#stopped = true;
    const cut = (): void => {
      this.#cut.abort();
      this.#recorder.abandon();
    };
    if (signal.aborted) cut();
    signal.addEventListener('abort', cut, { once: true });
    try {
      await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  /** One reading at a time; those wanted meanwhile become one, as far back as any of them. */
  #read(since: EpochMs): Promise<void> {
    this.#since = epochMs(Math.min(this.#since ?? since, since));
    this.#nextReading ??= this.#reading.then(() => {
      const from = this.#since ?? since;
      this.#since = null;
      this.#nextReading = null;
      const reading = this.#readOutbox(from);
      this.#reading = reading.catch(() => {});
      return reading;
    });
    return this.#nextReading;
  }

  async #readOutbox(since: EpochMs): Promise<void> {
    if (this.#stopped || this.#lanes.size === 0) return;
    for (const lane of this.#lanes.values()) lane.readingBegins();
    try {
      const open = await this.parts.log.open([...this.#lanes.keys()], since);
      const mine = open.filter(({ alert }) => this.parts.owns?.(alert) ?? true);
      for (const delivery of mine.toSorted((a, b) => a.alert.detectedAt - b.alert.detectedAt)) {
        this.#lanes.get(delivery.channel)?.take(delivery);
      }
    } finally {
      for (const lane of this.#lanes.values()) lane.readingEnds();
    }
  }
}
