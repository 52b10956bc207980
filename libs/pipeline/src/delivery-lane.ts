import TinyQueue from 'tinyqueue';
import type { Alert, Attempt, Clock, DeliveryResult, EpochMs } from '#domain';
import { epochMs, plus } from '#domain';
import type { AttemptRecorder } from './attempt-recorder.js';
import { judge, outdated } from './judge-attempt.js';
import type { Channel } from './ports/channel.js';
import type { OpenDelivery } from './ports/delivery-log.js';
import type { Observer } from './ports/observer.js';
import type { Scheduler } from './scheduler.js';

export interface LaneParts {
  readonly recorder: AttemptRecorder;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly observer: Observer;
  /** Whether this process still answers for the alert. */
  readonly owns: (alert: Alert) => boolean;
  /** Aborts when a shutdown can wait no longer. */
  readonly cut: AbortSignal;
}

export interface LaneLimits {
  /** Tries under way at once. */
  readonly concurrency: number;
  /** An alert older than this is given up. */
  readonly ttlMs: number;
  /** Most alerts kept for a first try, and as many again for a later one; the rest stay in the outbox. */
  readonly queue: number;
}

interface Job {
  readonly alert: Alert;
  attempts: number;
  retryAt: EpochMs;
}

/** Everything one channel still has to deliver. Lanes share nothing that one of them could hold up. */
export class DeliveryLane {
  readonly #ready: Job[] = [];
  readonly #waiting = new TinyQueue<Job>([], (a, b) => a.retryAt - b.retryAt);
  /** Alerts in `#ready`, `#waiting` or under way: a nudge and a sweep may both bring the same one. */
  readonly #held = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  /** Alerts that moved on while the outbox was being read: what the reading says of them is out of date. */
  readonly #movedSince = new Set<string>();
  #reading = false;
  #stopped = false;
  /** A receiver that asks for patience means all of its alerts. */
  #pausedUntil = epochMs(0);
  #alarm: { readonly at: number; readonly callOff: () => void } | null = null;

  constructor(
    private readonly channel: Channel,
    private readonly parts: LaneParts,
    private readonly limits: LaneLimits,
  ) {}

  get load(): { readonly ready: number; readonly waiting: number; readonly underWay: number } {
    return { ready: this.#ready.length, waiting: this.#waiting.length, underWay: this.#underWay.size };
  }

  readingBegins(): void {
    this.#movedSince.clear();
    this.#reading = true;
  }

  readingEnds(): void {
    this.#reading = false;
  }

  take({ alert, attempts, retryAt }: OpenDelivery): void {
    if (this.#stopped || this.#held.has(alert.id) || this.#movedSince.has(alert.id)) return;
    const job = { alert, attempts, retryAt: retryAt ?? alert.detectedAt };
    if (job.retryAt > this.parts.clock.now()) this.#postpone(job);
    else if (this.#ready.length < this.limits.queue) {
      this.#held.add(alert.id);
      this.#ready.push(job);
    }
    this.#pump();
  }

  /** Begins nothing more; resolves when every try under way is over and written down. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm?.callOff();
    await Promise.all(this.#underWay);
  }

  #postpone(job: Job): void {
    // Beyond the limit the outbox remembers it just as well; the sweep brings it back when it is due.
    if (this.#waiting.length >= this.limits.queue) {
      this.#held.delete(job.alert.id);
      return;
    }
    this.#held.add(job.alert.id);
    this.#waiting.push(job);
  }

  #pump(): void {
    if (this.#stopped) return;
    const now = this.parts.clock.now();
    while ((this.#waiting.peek()?.retryAt ?? Infinity) <= now) this.#ready.push(this.#waiting.pop()!);
    while (now >= this.#pausedUntil && this.#underWay.size < this.limits.concurrency) {
      const job = this.#ready.shift();
      if (job === undefined) break;
      const run: Promise<void> = this.#run(job).finally(() => {
        this.#underWay.delete(run);
        this.#pump();
      });
      this.#underWay.add(run);
    }
    this.#setAlarm(now);
  }

  #setAlarm(now: EpochMs): void {
    const paused = this.#ready.length > 0 && this.#pausedUntil > now ? this.#pausedUntil : Infinity;
    const at = Math.min(this.#waiting.peek()?.retryAt ?? Infinity, paused);
    if (at === this.#alarm?.at) return;
    this.#alarm?.callOff();
    this.#alarm = null;
    if (at === Infinity) return;
    const ring = (): void => {
      this.#alarm = null;
      this.#pump();
    };
    this.#alarm = { at, callOff: this.parts.scheduler.at(epochMs(at), ring) };
  }

  async #run(job: Job): Promise<void> {
    const attempt = this.parts.owns(job.alert) ? await this.#attempt(job) : null;
    // The alert stays held until its row is durable: a sweep in between would still see it open.
    const recorded = attempt !== null && (await this.parts.recorder.record(attempt));
    if (this.#reading) this.#movedSince.add(job.alert.id);
    if (recorded && attempt.retryAt !== null) {
      this.#postpone(Object.assign(job, { attempts: attempt.number, retryAt: attempt.retryAt }));
    } else {
      this.#held.delete(job.alert.id);
    }
  }

  /** Null: cut off by the shutdown with nobody knowing how it would have ended. */
  async #attempt({ alert, attempts }: Job): Promise<Attempt | null> {
    const { clock, random, observer, cut } = this.parts;
    const startedAt = clock.now();
    const expiresAt = plus(alert.detectedAt, this.limits.ttlMs);
    const result = startedAt > expiresAt ? outdated : await this.#deliver(alert);
    if (result === null || (cut.aborted && result.kind !== 'delivered')) return null;
    const now = clock.now();
    if (result.kind === 'retry' && result.reason === 'throttled' && result.afterMs !== undefined) {
      this.#pausedUntil = plus(now, result.afterMs);
    }
    const outcome = judge(result, { number: attempts + 1, now, expiresAt, random: random() });
    observer({
      kind: 'attempted',
      channel: this.channel.name,
      state: outcome.state,
      reason: outcome.reason,
      tookMs: now - startedAt,
    });
    return { tenant: alert.tenant, alert: alert.id, channel: this.channel.name, at: now, ...outcome };
  }

  async #deliver(alert: Alert): Promise<DeliveryResult | null> {
    const { cut } = this.parts;
    let onCut = (): void => {};
    const cutOff = new Promise<null>((resolve) => {
      onCut = () => resolve(null);
      if (cut.aborted) onCut();
      cut.addEventListener('abort', onCut, { once: true });
    });
    try {
      return await Promise.race([this.channel.deliver(alert, cut), cutOff]);
    } catch (error) {
      // A channel that throws breaks its promise; its lane goes on, and the message may hold secrets.
      const name = error instanceof Error ? error.name : typeof error;
      return { kind: 'retry', reason: 'unreachable', detail: `the channel failed with ${name}` };
    } finally {
      cut.removeEventListener('abort', onCut);
    }
  }
}
