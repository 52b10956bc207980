import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HOUR, MINUTE } from '#domain';
import { Random } from '../../libs/simulator/src/random.js';
import type { Evidence, Invariant, Poison, Verdict, Violation } from './evidence.js';
import { livesOf } from './lives.js';
import type { Sent } from './lives.js';
import { malformed } from './malformed.js';
import type { Death, WarmPool } from './member.js';
import { Producers } from './producer.js';
import { Receivers } from './receivers.js';
import { ClockHand } from './shared-clock.js';
import type { Tally } from './tally.js';
import type { Slot, World, WorldParts } from './world.js';

const run = promisify(execFile);

/** Far from the wall's time, so that nothing confuses the two. */
const firstInstant = Date.UTC(2031, 2, 3);
const stepMs = 12 * MINUTE;
const stepWallMs = 250;
/** A group whose members were lost may share anew only after a minute, and is started again after another one. */
const drainBoundMs = 150_000;
/** Without a protection it may never come to rest, which is what the round is to show. */
const switchedOffBoundMs = 15_000;

export interface RoundSettings {
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  readonly folder: string;
  readonly switches: readonly string[];
  readonly pool: WarmPool;
  readonly customers: number;
  /** Share of acknowledged requests sent again. */
  readonly again: number;
  readonly late: number;
  readonly clocksGoWrong: boolean;
  /** Virtual hours that pass quickly before anything is broken. */
  readonly history: number;
  readonly env: Readonly<Record<string, string>>;
  /** Malformed records a virtual hour. */
  readonly poison: number;
}

export type MakeWorld = (
  parts: WorldParts,
  env: Readonly<Record<string, string>>,
  onDeath: (slot: Slot, death: Death) => void,
) => Promise<World>;
export type Script = (round: Round) => Promise<void>;

/** A world from its first event to the verdict on it, while a script breaks it. */
export class Round {
  readonly random: Random;
  readonly receivers = new Receivers();
  readonly injected = new Map<string, number>();
  readonly switchedOff: boolean;
  world!: World;
  hand!: ClockHand;
  producers!: Producers;
  endsAt = 0;
  /** The clock goes on though producers cannot get rid of their events. */
  timeGoesOn = false;
  private readonly sent: Sent[] = [];
  private faults = 0;
  private readonly poison: Poison[] = [];
  private readonly recoveries: Promise<void>[] = [];
  private readonly problems: Violation[] = [];
  private isOver = false;
  private isAtRest = false;

  constructor(
    readonly settings: RoundSettings,
    private readonly tally: Tally,
  ) {
    this.random = new Random(settings.seed, 7);
    this.switchedOff = settings.switches.length > 0;
  }

  /** How long nothing new may happen before it counts as stuck. */
  private get restBoundMs(): number {
    return this.switchedOff ? switchedOffBoundMs : drainBoundMs;
  }

  /** Whether the script may go on. */
  get goesOn(): boolean {
    return performance.now() < this.endsAt;
  }

  /** Resolves when producers have handed over so many steps more; it is not waited for long. */
  async traffic(steps: number, boundMs = 4_000): Promise<void> {
    const until = this.hand.at + steps * stepMs;
    const giveUpAt = performance.now() + boundMs;
    while (this.hand.at < until && performance.now() < giveUpAt && this.goesOn) await pause(10);
  }

  /** Resolves when everything up to now is decided; it is not waited for long. */
  async calm(boundMs = 12_000): Promise<void> {
    const until = this.hand.at;
    const giveUpAt = performance.now() + boundMs;
    while (performance.now() < giveUpAt && (await this.world.decidedUpTo()) < until) await pause(30);
  }

  /** Notes that something was broken. Call what it answers when the fault is over: then recovery is timed. */
  inject(fault: string, times = 1): () => void {
    this.tally.row(fault).times += times;
    this.faults += 1;
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + times);
    return () => this.recoveries.push(this.recovered(fault, this.hand.at, performance.now()));
  }

  async play(makeWorld: MakeWorld, script: Script): Promise<Verdict> {
    const { folder, seed, customers, again, late, pool, switches } = this.settings;
    mkdirSync(folder, { recursive: true });
    const clockFile = join(folder, 'clock');
    this.hand = new ClockHand(clockFile, firstInstant);
    await this.receivers.start();
    this.world = await makeWorld({ folder, clockFile, switches, pool }, this.environment(), (slot, death) => {
      const who = this.world.kind === 'kafka' ? `${slot.settings.roles.join('+')} ` : '';
      // A switched-off protection may make it fail by itself; that is no fault of ours to count.
      if (slot.member?.failure !== null)
        this.problems.push({ invariant: 'I9', what: `${slot.name} failed: ${slot.lastFailure}` });
      else this.inject(death.point === null ? `kill ${who}at random` : `kill ${who}${death.point}`)();
    });
    this.producers = new Producers(() => this.world.url, this.random, again);
    await this.world.start();
    const hours = (this.settings.seconds * 1_000 * stepMs) / stepWallMs / HOUR + 2 + this.settings.history;
    const lives = livesOf({ seed, customers, startAt: firstInstant + MINUTE, hours, late });
    this.endsAt = Infinity;
    const load = this.load(lives);
    while (this.hand.at < firstInstant + this.settings.history * HOUR) await pause(20);
    // Deciding begins with the first note of where: what happened before is history, and nobody's to be told at its time.
    await this.calm(this.restBoundMs);
    this.endsAt = performance.now() + this.settings.seconds * 1_000;
    const broken = script(this).catch((error: unknown) => {
      this.problems.push({ invariant: 'I9', what: `the script failed: ${String(error)}` });
    });
    await broken;
    await this.world.heal();
    for (const slot of this.world.slots) slot.member?.crashAt(null);
    this.receivers.setMail('accept');
    this.receivers.setHook('accept');
    this.isOver = true;
    const handingTooLong = setTimeout(() => (this.producers.stopped = true), this.restBoundMs * 5);
    await load;
    const endAt = this.hand.at;
    await this.drain(endAt);
    clearTimeout(handingTooLong);
    this.producers.stopped = true;
    this.isAtRest = true;
    await Promise.all(this.recoveries);
    await this.world.stop();
    const evidence: Evidence = {
      store: this.world.store,
      brokers: this.world.brokers,
      pack: join(import.meta.dirname, 'pack'),
      endAt,
      sent: this.sent.map((event) => ({ ...event, ...this.producers.fateOf(event) })),
      poison: this.poison,
      arrivals: this.receivers.arrivals,
      channels: ['email', 'topic', 'webhook'],
      late: late > 0 || this.settings.clocksGoWrong,
    };
    const verdict = await this.judge(evidence);
    await this.receivers.stop();
    await this.world.forget();
    this.hand.close();
    return verdict;
  }

  private environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      PACK: join(import.meta.dirname, 'pack'),
      METRICS_PORT: '0',
      PROGRESS_MS: '150',
      TRACKER_MAX_CHUNK_RECORDS: '20',
      EVENT_MAX_AHEAD_SECONDS: '3600',
      ALERT_TTL_DAYS: '300',
      DRAIN_MS: '5000',
      SMTP_URL: this.receivers.mail.url,
      MAIL_TO: 'someone@churnwatch.local',
      WEBHOOK_URL: this.receivers.hook.url,
      WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 'chaos').toString('base64')}`,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      ...this.settings.env,
    };
  }

  /** Hands the events over and turns the clock behind them. */
  private async load(lives: readonly Sent[]): Promise<void> {
    let next = 0;
    let poisonDue = 0;
    while (!this.isOver) {
      const startedAt = performance.now();
      const isHistory = this.hand.at < firstInstant + this.settings.history * HOUR;
      const until = this.hand.at + (isHistory ? 4 : 1) * stepMs;
      const first = next;
      while (next < lives.length && lives[next]!.handAt < until) next += 1;
      poisonDue += (this.settings.poison * stepMs) / HOUR;
      const work = [this.send(lives.slice(first, next))];
      for (; poisonDue >= 1; poisonDue -= 1) work.push(this.poisonOnce());
      const handed = Promise.all(work);
      // When time does not wait for the producers, their customers' silence is their own outage, or ours.
      while (this.timeGoesOn && !(await Promise.race([handed.then(() => true), pause(stepWallMs, false)])))
        this.hand.turn(this.hand.at + stepMs);
      await handed;
      this.hand.turn(Math.max(until, this.hand.at));
      const behind = until - (await this.world.decidedUpTo());
      const wallMs = behind > 6 * HOUR ? stepWallMs * 8 : stepWallMs;
      await pause(Math.max(1, wallMs - (performance.now() - startedAt)));
    }
  }

  private send(events: readonly Sent[]): Promise<void> {
    this.sent.push(...events);
    return this.producers.hand(events);
  }

  /** Somebody who is always there: while everybody else rests, each producer is still heard. */
  private pulse(): Promise<void> {
    const at = this.hand.at;
    const types = { app: 'app_open', shop: 'order', care: 'csat_answered' } as const;
    return this.send(
      Object.entries(types).map(([source, type]) => {
        const customer = `pulse-${source}`;
        return { source, type, customer, id: `pulse-${at}`, at, amount: null, handAt: at };
      }),
    );
  }

  private async poisonOnce(): Promise<void> {
    const { topic, bytes } = malformed(this.random);
    const poison: Poison = { key: `poison-${this.poison.length}`, topic, tries: 0, acknowledged: false };
    this.poison.push(poison);
    while (!poison.acknowledged && !this.isOver) {
      poison.tries += 1;
      poison.acknowledged = await this.world.append(
        topic,
        [{ key: poison.key, base64: bytes.toString('base64') }],
        this.hand.at,
      );
      if (!poison.acknowledged) await pause(50);
    }
  }

  private async recovered(fault: string, clockAt: number, since: number): Promise<void> {
    const { faults } = this;
    while (performance.now() - since < 60_000 || this.faults > faults) {
      if ((await this.world.decidedUpTo()) >= clockAt) {
        // How long it took is only told of those that nothing else befell meanwhile.
        if (this.faults === faults) this.tally.row(fault).recoveriesMs.push(performance.now() - since);
        return;
      }
      if (this.isAtRest) return;
      await pause(10);
    }
    this.tally.row(fault).unrecovered += 1;
  }

  /** Lets time go on until everything up to `endAt` is decided, told and delivered. */
  private async drain(endAt: number): Promise<void> {
    const boundMs = this.restBoundMs;
    let giveUpAt = performance.now() + boundMs;
    let furthest = 0;
    let moves = 0;
    let open: number | null = null;
    while (performance.now() < giveUpAt) {
      this.hand.turn(this.hand.at + 10 * MINUTE);
      await Promise.race([this.pulse(), pause(1_000)]);
      await pause(80);
      // Time goes on, and so does deciding: only what was due by then counts as getting on.
      const decided = Math.min(await this.world.decidedUpTo(), endAt);
      // Slow is not stuck: where much has to be caught up with, moves are stored long before all is noted as decided.
      const stored = await this.count(`SELECT count() AS n FROM $db.transition_v1 WHERE became_due_at <= ${endAt}`);
      if (decided > furthest || (stored ?? 0) > moves) giveUpAt = performance.now() + boundMs;
      furthest = Math.max(furthest, decided);
      moves = Math.max(moves, stored ?? 0);
      if (decided < endAt) continue;
      open = await this.count(openSql(endAt));
      if (open === 0) return;
      await pause(100);
    }
    const decided = new Date(await this.world.decidedUpTo()).toISOString();
    const what = `not at rest, nothing new for ${boundMs / 1_000} s: decided up to ${decided} of ${new Date(endAt).toISOString()}, open: ${open ?? 'unknown'}`;
    this.problems.push({ invariant: 'I9', what });
  }

  /** Null while nobody answers. */
  private async count(sql: string): Promise<number | null> {
    const rows = await this.world.sql(sql);
    return rows === null ? null : Number((rows[0] as { n: unknown }).n);
  }

  private async judge(evidence: Evidence): Promise<Verdict> {
    const file = join(this.settings.folder, 'evidence.json');
    writeFileSync(file, JSON.stringify(evidence));
    let verdict: Verdict;
    try {
      const verifier = join(import.meta.dirname, 'verify.js');
      const { stdout } = await run(process.execPath, [verifier, file], { maxBuffer: 1 << 28, timeout: 120_000 });
      verdict = JSON.parse(stdout) as Verdict;
    } catch (error) {
      verdict = { violations: [{ invariant: 'I9', what: `the verifier failed: ${String(error)}` }], counts: {} };
    }
    const violations = [...this.problems, ...verdict.violations];
    const counted = new Map<Invariant, number>();
    for (const { invariant } of violations) counted.set(invariant, (counted.get(invariant) ?? 0) + 1);
    for (const fault of this.injected.keys()) {
      const row = this.tally.row(fault);
      for (const [invariant, times] of counted) row.violations[invariant] = (row.violations[invariant] ?? 0) + times;
    }
    writeFileSync(join(this.settings.folder, 'violations.json'), JSON.stringify(violations, null, 1));
    const boots = this.world.slots.flatMap((slot) => slot.bootMs);
    const odd = [...this.producers.odd].map(([status, times]) => [`answered ${status}`, times] as const);
    const steps = (evidence.endAt - firstInstant) / stepMs;
    const ours = { steps, boots: boots.length, 'ms in boots': Math.round(boots.reduce((sum, ms) => sum + ms, 0)) };
    return { violations, counts: { ...verdict.counts, ...ours, ...Object.fromEntries(odd) } };
  }
}

/** Alerts due by then that a channel still owes something to, and moves not yet told. */
const openSql = (endAt: number): string => `SELECT (
  SELECT count() FROM (
    SELECT alert_id, arrayJoin(['email', 'topic', 'webhook']) AS channel FROM $db.transition_v1
    WHERE alert_id != '' AND became_due_at <= ${endAt}
  ) WHERE (alert_id, channel) NOT IN (SELECT alert_id, channel FROM $db.attempt_v1 WHERE state IN ('delivered', 'given-up'))
) + (
  SELECT count() FROM $db.transition_v1
  WHERE became_due_at <= ${endAt} AND id NOT IN (SELECT transition_id FROM $db.publication_v1)
) + (
  SELECT count() FROM $db.stage_v1
  WHERE became_due_at <= ${endAt} AND id NOT IN (SELECT transition_id FROM $db.publication_v1)
) AS n`;
