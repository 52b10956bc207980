import type { Alert, AlertId, Clock, EpochMs, Incident } from '#domain';
import { epochMs, plus } from '#domain';
import { AttemptRecorder } from './attempt-recorder.js';
import type { LaneLimits } from './delivery-lane.js';
import { DeliveryLane } from './delivery-lane.js';
import type { Earshot } from './earshot.js';
import type { Channel } from '../ports/channel.js';
import type { DeliveryLog, OpenCursor, OpenDelivery, OpenPage } from '../ports/delivery-log.js';
import type { Observer } from '../ports/observer.js';
import type { Scheduler } from '../scheduler.js';

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
  /** Whether an incident that hit the alert's customer is what the alert is about. Unset: none is. */
  readonly explains?: (incident: Pick<Incident, 'kinds'>, alert: Alert) => boolean;
  /** Alerts that it does not believe yet stay in the outbox for a later reading. Unset: all are believed. */
  readonly earshot?: Earshot;
}

export interface CourierLimits extends LaneLimits {
  /** Most open deliveries read at once. */
  readonly page?: number;
}
const pageLength = 2_000;

interface Reading {
  readonly since: EpochMs;
  /** Nobody may have been there when these were raised. */
  readonly late: boolean;
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
  #wanted: Reading | null = null;
  #stopped = false;

  constructor(
    private readonly parts: CourierParts,
    private readonly limits: CourierLimits,
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
    const oldest = mine.reduce((instant, alert) => Math.min(instant, alert.detectedAt), Infinity);
    await this.#read({ since: epochMs(oldest - 1), late: false });
  }

  /**
   * For whatever was left behind. `all`: from the beginning, because nobody may have been there for it; what grew too
   * old meanwhile is given up visibly. `recent`: what a process that goes on may have lost sight of.
   */
  async sweep(reach: 'all' | 'recent' = 'recent'): Promise<void> {
    if (reach === 'all') await this.#read({ since: epochMs(-1), late: true });
    else await this.#read({ since: plus(this.parts.clock.now(), -2 * this.limits.ttlMs), late: false });
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

  /** Of those whom nobody has been told of, and who are not yet too old to be believed at all. */
  async #unheard(deliveries: readonly OpenDelivery[]): Promise<ReadonlySet<AlertId>> {
    const { earshot, clock } = this.parts;
    if (earshot === undefined) return new Set();
    const now = clock.now();
    const untold = deliveries.filter(
      ({ alert, attempts, overtaken }) =>
        attempts === 0 && overtaken === null && now - alert.detectedAt < this.limits.ttlMs,
    );
    return earshot.unheard([...new Map(untold.map(({ alert }) => [alert.id, alert])).values()], now);
  }

  /** One reading at a time; those wanted meanwhile become one, as far back as any of them. */
  #read(wanted: Reading): Promise<void> {
    const { since, late } = this.#wanted ?? wanted;
    this.#wanted = { since: epochMs(Math.min(since, wanted.since)), late: late || wanted.late };
    this.#nextReading ??= this.#reading.then(() => {
      const next = this.#wanted ?? wanted;
      this.#wanted = null;
      this.#nextReading = null;
      const reading = this.#readOutbox(next);
      this.#reading = reading.catch(() => {});
      return reading;
    });
    return this.#nextReading;
  }

  /** Page by page, for each channel as long as there is room for more. */
  async #readOutbox({ since, late }: Reading): Promise<void> {
    const { log, clock, owns = () => true, explains = () => false } = this.parts;
    let lanes = [...this.#lanes];
    let after: OpenCursor | null = null;
    do {
      if (this.#stopped || lanes.length === 0) return;
      for (const [, lane] of lanes) lane.pageBegins();
      try {
        const channels = lanes.map(([name]) => name);
        const dueOnly = lanes.filter(([, lane]) => lane.wantsDueOnly).map(([name]) => name);
        const limit = this.limits.page ?? pageLength;
        const page: OpenPage = await log.open({ channels, dueOnly, now: clock.now(), since, after, limit });
        const unheard = await this.#unheard(page.deliveries);
        for (const delivery of page.deliveries) {
          const { alert, channel, incidents } = delivery;
          if (!owns(alert) || unheard.has(alert.id)) continue;
          const incident = alert.kind === 'retraction' ? undefined : incidents.find((each) => explains(each, alert));
          this.#lanes.get(channel)?.take(delivery, late, incident?.id ?? null);
        }
        after = page.next;
      } finally {
        await Promise.all(lanes.map(([, lane]) => lane.pageEnds()));
      }
      lanes = lanes.filter(([, lane]) => lane.wantsMore);
    } while (after !== null);
  }
}
