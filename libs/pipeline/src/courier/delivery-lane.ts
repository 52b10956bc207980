import TinyQueue from 'tinyqueue';
import type { Alert, Attempt, Clock, EpochMs, IncidentId } from '#domain';
import { epochMs, longestRetryAfterMs, plus } from '#domain';
import type { AttemptRecorder } from './attempt-recorder.js';
import { Circuit } from './circuit.js';
import type { Ending, Job } from './delivery-job.js';
import { closingOf, endingOf, holdOf, jobOf, retracted } from './delivery-job.js';
import { deliverUnlessCut } from './deliver-unless-cut.js';
import { judge } from './judge-attempt.js';
import type { Channel } from '../ports/channel.js';
import type { OpenDelivery, Original } from '../ports/delivery-log.js';
import type { Observer } from '../ports/observer.js';
import type { Scheduler } from '../scheduler.js';

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

/** Everything one channel still has to deliver. Lanes share nothing that one of them could hold up. */
export class DeliveryLane {
  #ready: Job[] = [];
  #waiting = this.#queueOf([]);
  /** By alert: whatever is in `#ready`, `#waiting`, under way or being closed. A nudge and a sweep may both bring it. */
  readonly #held = new Map<string, Job>();
  /** Retractions whose alert is held: they go out after it, or end with it. By the alert's id. */
  readonly #followers = new Map<string, Job>();
  readonly #underWay = new Set<Promise<void>>();
  #trying = 0;
  /** What ends without another try, to be written down together. */
  #closings: { readonly attempt: Attempt; readonly job: Job | null }[] = [];
  /** Held back for an incident, to be written down together. */
  #holds: Attempt[] = [];
  /** Alerts that moved on while the outbox was being read: what the reading says of them is out of date. */
  readonly #movedSince = new Set<string>();
  #reading = false;
  #broughtHeld = false;
  #stopped = false;
  /** A receiver that asks for patience means all of its alerts. */
  #pausedUntil = epochMs(0);
  #alarm: { readonly at: number; readonly callOff: () => void } | null = null;
  readonly #circuit: Circuit;

  constructor(
    private readonly channel: Channel,
    private readonly parts: LaneParts,
    private readonly limits: LaneLimits,
  ) {
    this.#circuit = new Circuit(parts.clock, (state, restMs) =>
      parts.observer({ kind: 'circuit', channel: channel.name, state, restMs }),
    );
  }

  get load(): { readonly ready: number; readonly waiting: number; readonly underWay: number } {
    return { ready: this.#ready.length, waiting: this.#waiting.length, underWay: this.#trying };
  }

  /** True when a further page of the outbox could bring anything that is not already known or would not fit. */
  get wantsMore(): boolean {
    return this.#ready.length < this.limits.queue || this.#broughtHeld;
  }
  /** True when only what is due now would fit. */
  get wantsDueOnly(): boolean {
    return this.#waiting.length >= this.limits.queue;
  }

  pageBegins(): void {
    this.#movedSince.clear();
    this.#reading = true;
    this.#broughtHeld = false;
  }

  /** Resolves when what the page brought to an end is written down. */
  async pageEnds(): Promise<void> {
    this.#reading = false;
    await Promise.all([this.#writeClosings(), this.#writeHolds()]);
    this.#pump();
  }

  /**
   * `late`: nobody was there to deliver it when it was raised. `incident`: an open one that explains it; without one, what
   * was held back goes on.
   */
  take(delivery: OpenDelivery, late = false, incident: IncidentId | null = null): void {
    const { alert, overtaken, original } = delivery;
    if (this.#stopped || this.#movedSince.has(alert.id)) return;
    const held = this.#held.get(alert.id);
    if (held !== undefined) {
      this.#broughtHeld = true;
      held.overtaken ??= overtaken;
      if (!this.#endIfDue(held)) this.#holdOrRelease(held, incident);
      return;
    }
    const job = jobOf(delivery, this.parts.clock.now(), { late, incident });
    if (this.#endIfDue(job)) return;
    if (alert.kind === 'retraction') this.#takeRetraction(job, original);
    else this.#enqueue(job);
    this.#pump();
  }

  /** Begins nothing more; resolves when every try under way is over and written down. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm?.callOff();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** A retraction goes where its alert has, or may have, arrived, and after it; elsewhere both end. */
  #takeRetraction(job: Job, original: Original | null): void {
    const id = job.alert.retracts ?? '';
    if (this.#movedSince.has(id)) return;
    const held = this.#held.get(id);
    if (held !== undefined) {
      job.where = 'following';
      this.#held.set(job.alert.id, job);
      this.#followers.set(id, job);
      held.overtaken = 'retracted';
      this.#endIfDue(held);
      return;
    }
    if (original?.open === true) {
      const { tenant, retracts } = job.alert;
      const of = { tenant, alert: retracts!, channel: this.channel.name, ...original };
      this.#closings.push({ attempt: closingOf(of, retracted, this.parts.clock.now()), job: null });
    }
    if (original?.mayHaveArrived === true) this.#enqueue(job);
    else this.#close(job, retracted);
  }

  #enqueue(job: Job): void {
    if (job.incident !== null) this.#holdBack(job, job.incident);
    if (job.retryAt > this.parts.clock.now()) return this.#postpone(job);
    if (this.#ready.length >= this.limits.queue) return this.#letGo(job);
    job.where = 'ready';
    this.#held.set(job.alert.id, job);
    this.#ready.push(job);
  }

  #postpone(job: Job): void {
    // Beyond the limit the outbox remembers it just as well; the sweep brings it back when it is due.
    if (this.#waiting.length >= this.limits.queue) return this.#letGo(job);
    job.where = 'waiting';
    this.#held.set(job.alert.id, job);
    this.#waiting.push(job);
  }

  #holdBack(job: Job, incident: IncidentId): void {
    job.incident = incident;
    // Until then it is of use.
    job.retryAt = plus(job.alert.detectedAt, this.limits.ttlMs + 1);
    if (job.heldFor === incident) return;
    job.heldFor = incident;
    this.#holds.push(holdOf(job, this.channel.name, incident, this.parts.clock.now()));
  }

  #holdOrRelease(job: Job, incident: IncidentId | null): void {
    if (job.incident === incident || (job.where !== 'ready' && job.where !== 'waiting')) return;
    if (incident !== null) this.#holdBack(job, incident);
    else job.retryAt = this.parts.clock.now();
    job.incident = incident;
    this.#waiting = this.#queueOf(this.#waiting.data.filter((other) => other !== job));
    this.#postpone(job);
  }

  async #writeHolds(): Promise<void> {
    const holds = this.#holds.splice(0);
    if (holds.length === 0 || !(await this.parts.recorder.record(...holds))) return;
    this.parts.observer({ kind: 'held-back', channel: this.channel.name, count: holds.length });
  }

  /** Marks for its end what needs no further try; true when that is so. */
  #endIfDue(job: Job): boolean {
    if (job.where !== 'ready' && job.where !== 'waiting') return false;
    const ending = endingOf(job, this.parts.clock.now(), this.limits.ttlMs, this.#circuit);
    if (ending !== null) this.#close(job, ending);
    return ending !== null;
  }

  #close(job: Job, ending: Ending): void {
    const { alert, attempts, mayHaveArrived } = job;
    const of = { tenant: alert.tenant, alert: alert.id, channel: this.channel.name, attempts, mayHaveArrived };
    job.where = 'closing';
    this.#held.set(alert.id, job);
    this.#closings.push({ attempt: closingOf(of, ending, this.parts.clock.now()), job });
  }

  async #writeClosings(): Promise<void> {
    while (this.#closings.length > 0) {
      const closings = this.#closings;
      this.#closings = [];
      this.#ready = this.#ready.filter((job) => job.where === 'ready');
      this.#waiting = this.#queueOf(this.#waiting.data.filter((job) => job.where === 'waiting'));
      const written = await this.parts.recorder.record(...closings.map(({ attempt }) => attempt));
      for (const { job } of closings) if (job !== null) this.#letGo(job, written);
      if (!written) continue;
      const counts = new Map<Attempt['reason'], number>();
      for (const { attempt } of closings) counts.set(attempt.reason, (counts.get(attempt.reason) ?? 0) + 1);
      for (const [reason, count] of counts) {
        this.parts.observer({ kind: 'dropped', channel: this.channel.name, reason: reason!, count });
      }
    }
  }

  /** Holds it no longer. `settled`: it was delivered or given up, so that a retraction of it can go its way. */
  #letGo(job: Job, settled = false): void {
    this.#held.delete(job.alert.id);
    if (this.#reading) this.#movedSince.add(job.alert.id);
    const follower = this.#followers.get(job.alert.id);
    if (follower === undefined) return;
    this.#followers.delete(job.alert.id);
    this.#held.delete(follower.alert.id);
    // Otherwise the outbox brings it back.
    if (!settled) return;
    if (job.mayHaveArrived) this.#enqueue(follower);
    else this.#close(follower, retracted);
  }

  #pump(): void {
    if (this.#stopped) return;
    const now = this.parts.clock.now();
    while ((this.#waiting.peek()?.retryAt ?? Infinity) <= now) {
      const job = this.#waiting.pop()!;
      if (job.where !== 'waiting') continue;
      job.where = 'ready';
      this.#ready.push(job);
    }
    while (this.#ready.length > 0 && now >= this.#pausedUntil) {
      if (this.#trying >= this.#circuit.room(this.limits.concurrency)) break;
      const job = this.#ready.shift()!;
      if (job.where === 'ready' && !this.#endIfDue(job)) this.#begin(job);
    }
    if (this.#closings.length > 0 && !this.#reading) this.#inBackground(this.#writeClosings());
    this.#setAlarm(now);
  }

  #begin(job: Job): void {
    job.where = 'under-way';
    this.#trying++;
    this.#inBackground(this.#run(job).finally(() => this.#trying--));
  }

  #inBackground(work: Promise<void>): void {
    const run: Promise<void> = work.finally(() => {
      this.#underWay.delete(run);
      this.#pump();
    });
    this.#underWay.add(run);
  }

  #setAlarm(now: EpochMs): void {
    const held = Math.max(this.#pausedUntil, this.#circuit.restsUntil ?? 0);
    const goesOn = this.#ready.length > 0 && held > now ? held : Infinity;
    const at = Math.min(this.#waiting.peek()?.retryAt ?? Infinity, goesOn);
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
    if (!recorded) return this.#letGo(job);
    if (this.#reading) this.#movedSince.add(job.alert.id);
    job.attempts = attempt.number;
    job.mayHaveArrived = attempt.mayHaveArrived;
    if (attempt.retryAt === null) return this.#letGo(job, true);
    job.retryAt = attempt.retryAt;
    job.where = 'waiting';
    if (!this.#endIfDue(job)) this.#postpone(job);
  }

  /** Null: cut off by the shutdown with nobody knowing how it would have ended, or never begun. */
  async #attempt({ alert, attempts, mayHaveArrived }: Job): Promise<Attempt | null> {
    const { recorder, clock, random, observer, cut } = this.parts;
    const channel = this.channel.name;
    const number = attempts + 1;
    const intent = { tenant: alert.tenant, alert: alert.id, channel, number, at: clock.now() };
    if (!(await recorder.announce(intent))) return null;
    if (mayHaveArrived) observer({ kind: 'repeated', channel });
    const startedAt = clock.now();
    const result = await deliverUnlessCut(this.channel, alert, cut);
    if (result === null || (cut.aborted && result.kind !== 'delivered')) return null;
    const now = clock.now();
    if (result.kind === 'retry' && result.afterMs !== undefined) {
      this.#pausedUntil = plus(now, Math.min(result.afterMs, longestRetryAfterMs));
    }
    this.#circuit.report(result);
    if (this.#circuit.state === 'gone') for (const job of this.#held.values()) this.#endIfDue(job);
    const expiresAt = plus(alert.detectedAt, this.limits.ttlMs);
    const outcome = judge(result, { number, now, expiresAt, random: random() });
    observer({ kind: 'attempted', channel, state: outcome.state, reason: outcome.reason, tookMs: now - startedAt });
    const arrived = result.kind === 'delivered' || (result.kind === 'retry' && result.mayHaveArrived === true);
    return { ...intent, at: now, ...outcome, mayHaveArrived: mayHaveArrived || arrived };
  }

  #queueOf(jobs: Job[]): TinyQueue<Job> {
    return new TinyQueue<Job>(jobs, (a, b) => a.retryAt - b.retryAt);
  }
}
