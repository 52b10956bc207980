import { defaultAdmissionLimits, topics } from '#contracts';
import type { ActivityEvent, Alert, DeliveryResult, EpochMs } from '#domain';
import { ChurnError, DAY, epochMs, MINUTE, plus, tenantId } from '#domain';
import type { Chunk, Decision, Fence, LogMessage, RecordBatch, Scheduler } from '#pipeline';
import { Courier, ProgressReport, Sentinel, Tracker, whereToBegin } from '#pipeline';
import {
  HandTurnedTime,
  IntakePartition,
  MemoryDeadLetters,
  MemoryDeliveryLog,
  MemoryFlagStore,
  MemoryLog,
  MemoryStageStore,
  MemoryWindowStore,
  SilenceEvaluator,
} from '#pipeline/testing';

export const start = epochMs(Date.UTC(2026, 2, 1));
const tenant = tenantId('default');

/** What may fail before it did anything, or after, when only the answer is lost; or its owner may fall asleep at it. */
export const steps = ['takeOver', 'plan', 'fold', 'append touched', 'decide', 'append moves', 'mark'] as const;
export type Step = (typeof steps)[number];
export type Moment = `${'before' | 'after'} ${Step}`;

/** What a store may forget to do; the model must notice. */
export interface Weakness {
  readonly tokens?: 'off';
  readonly fences?: 'off';
}

/** One process of the group: all that is in memory. */
class Member {
  ownership = new AbortController();
  /** Where the logs bring it on. */
  intakeAt = 0;
  touchedAt = 0;
  asleep: Promise<void> | null = null;
  tracker!: Tracker;
  sentinel!: Sentinel;
  report!: ProgressReport;
  courier!: Courier;
  /** What a dead process had in mind does not happen. */
  life = { isOver: false };
}

/** Two processes over one store and one log. What fails, sleeps and dies is said by the test, step by step. */
export class PipelineModel {
  readonly time = new HandTurnedTime(start);
  readonly intake = new IntakePartition(topics.activity.name, 0, start, this.time);
  readonly log = new MemoryLog();
  readonly flags = new MemoryFlagStore();
  readonly stages = new MemoryStageStore(this.flags);
  readonly deliveries = new MemoryDeliveryLog();
  readonly windows: MemoryWindowStore;
  /** Alerts as they went out, repeats too. */
  readonly sent: Alert[] = [];
  /** Events by number that may have been lost with the log before anybody read them. */
  readonly perhapsLost = new Set<number>();
  readonly produced: { readonly number: number; readonly customer: string; readonly at: EpochMs }[] = [];
  channel: 'works' | 'fails' | 'goes silent' = 'works';
  owner = 0;
  /** How often somebody was told that it has lost what it writes for. */
  fenced = 0;
  private readonly members = [new Member(), new Member()] as const;
  private failing: Moment | null = null;
  private sleepingAt: Moment | null = null;
  private wakeUp: (() => void) | null = null;
  private acting: Member | null = null;

  constructor(private readonly weakness: Weakness = {}) {
    const { flags } = this;
    this.windows = new (class extends MemoryWindowStore {
      protected override holds(fence: Fence): boolean {
        return weakness.fences === 'off' || super.holds(fence);
      }
      protected override takes(token: string, rows: string): boolean {
        return weakness.tokens === 'off' || super.takes(token, rows);
      }
      override async fold(chunk: Chunk, events: readonly ActivityEvent[], fence: Fence): Promise<void> {
        const before = this.events.length;
        try {
          await super.fold(chunk, events, fence);
        } finally {
          for (const { customer, occurredAt, type, receivedAt } of this.events.slice(before))
            flags.happened(tenant, customer, occurredAt, type, receivedAt);
        }
      }
    })();
    this.log.others.push(this.intake);
    const moments: Record<string, Moment> = {
      takeOver: 'before takeOver',
      takenOver: 'after takeOver',
      plan: 'before plan',
      planned: 'after plan',
      fold: 'before fold',
      folded: 'after fold',
    };
    this.windows.onStep = (step) => this.reach(moments[step]!);
    this.wrap();
    for (const member of this.members) this.bear(member);
    this.assign(0);
  }

  private wrap(): void {
    const { log, flags, deliveries } = this;
    const append = log.append.bind(log);
    log.append = (topic: string, messages: readonly LogMessage[]) =>
      topic === topics.touched.name
        ? this.at('append touched', () => append(topic, messages))
        : this.at('append moves', () => append(topic, messages));
    const decide = flags.append.bind(flags);
    flags.append = (decisions: readonly Decision[], fences: readonly Fence[]) =>
      this.at('decide', async () => {
        await decide(decisions, fences);
        deliveries.raise(...decisions.flatMap(({ alert }) => (alert === null ? [] : [alert])));
      });
    const mark = flags.markPublished.bind(flags);
    flags.markPublished = (decisions, at) => this.at('mark', () => mark(decisions, at));
  }

  private async at<T>(step: Step, work: () => Promise<T>): Promise<T> {
    await this.reach(`before ${step}`);
    const answer = await work();
    await this.reach(`after ${step}`);
    return answer;
  }

  private reach(moment: Moment): Promise<void> | undefined {
    if (this.failing === moment) {
      this.failing = null;
      throw new Error(`no answer: ${moment}`);
    }
    if (this.sleepingAt !== moment || this.acting !== this.members[this.owner] || this.wakeUp) return undefined;
    this.sleepingAt = null;
    return (this.acting!.asleep = new Promise((resolve) => (this.wakeUp = resolve)));
  }

  /** A process begins with nothing in memory. */
  private bear(member: Member): void {
    const { windows, log, flags, stages, deliveries, time: clock } = this;
    member.life.isOver = !member.asleep;
    const life = (member.life = { isOver: false });
    const scheduler: Scheduler = { at: (instant, task) => clock.at(instant, () => (life.isOver ? undefined : task())) };
    const assignment = { assigned: () => [0] };
    const shared = { log, clock, observer: () => {}, partitionOf: () => 0 };
    member.tracker = new Tracker({
      ...shared,
      windows,
      deadLetters: new MemoryDeadLetters(),
      tenant,
      limits: defaultAdmissionLimits,
      maxChunkRecords: 3,
    });
    member.report = new ProgressReport(member.tracker, log, assignment, clock);
    const evaluator = new SilenceEvaluator(flags);
    member.sentinel = new Sentinel({
      ...shared,
      flags,
      stages,
      inForce: () => evaluator,
      assignment,
      slackMs: 0,
      noteEveryMs: MINUTE,
      latenessMs: 1_000 * DAY,
      historySettleMs: 0,
    });
    const deliver = (alert: Alert): Promise<DeliveryResult> => this.deliver(alert);
    member.courier = new Courier(
      {
        channels: [
          {
            name: 'mail',
            deliver,
            close: async () => {},
          },
        ],
        log: deliveries,
        clock,
        scheduler,
        random: () => 0.5,
        observer: () => {},
      },
      { concurrency: 2, ttlMs: 10_000 * DAY, queue: 100 },
    );
  }

  private async deliver(alert: Alert): Promise<DeliveryResult> {
    if (this.channel === 'fails') return { kind: 'retry', reason: 'server-error', detail: '' };
    this.sent.push(alert);
    // It arrived, and nobody hears of it.
    if (this.channel === 'goes silent') return { kind: 'retry', reason: 'timeout', detail: '' };
    return { kind: 'delivered', receipt: '' };
  }

  produce(customer: string, lateMs: number): void {
    const at = plus(this.time.now(), -Math.min(lateMs, this.time.now() - start));
    this.produced.push({ number: this.intake.written, customer, at });
    this.intake.happened(customer, { at });
  }

  /**
   * The topic is deleted with whatever nobody has read, and made anew. Whoever goes on as its owner asks for the log's end
   * before it has grown as far as before; what grows faster is beyond what can be told (see docs/adr/0003-chunks.md).
   */
  async makeAnew(): Promise<void> {
    if (this.member('owner').asleep) this.handOver(false, 0);
    if (!this.member('other').asleep) this.member('other').ownership.abort();
    [this.failing, this.sleepingAt] = [null, null];
    const folded = new Set(this.windows.events.map(({ id }) => Number(id)));
    for (const { number } of this.produced) if (!folded.has(number)) this.perhapsLost.add(number);
    this.intake.makeAnew();
    await this.tellProgress('owner');
  }

  fail(moment: Moment): void {
    this.failing = moment;
  }

  fallAsleep(moment: Moment): void {
    this.sleepingAt = moment;
  }

  async wake(): Promise<void> {
    const wakeUp = this.wakeUp;
    this.wakeUp = null;
    wakeUp?.();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The group gives everything to the other one. An owner that sleeps, or was cut off, hears nothing of it. */
  handOver(isHeard: boolean, back: number): void {
    if (isHeard && !this.members[this.owner]!.asleep) this.members[this.owner]!.ownership.abort();
    const { intakeAt, touchedAt } = this.members[this.owner]!;
    this.assign(1 - this.owner);
    const next = this.members[this.owner]!;
    // Offsets committed to a log are a hint; of ours only those of the internal topic are trusted.
    next.intakeAt = Math.max(0, intakeAt - back);
    next.touchedAt = touchedAt;
  }

  private assign(to: number): void {
    this.owner = to;
    const member = this.members[to]!;
    if (member.asleep) this.bear(member);
    member.asleep = null;
    member.ownership = new AbortController();
  }

  /** kill -9 of the owner, and a new process in its place. */
  restart(): void {
    const member = this.members[this.owner]!;
    member.ownership.abort();
    this.bear(member);
    this.assign(this.owner);
  }

  async read(who: 'owner' | 'other', limit: number): Promise<void> {
    const member = this.member(who);
    const { startOffset, endOffset } = this.intake.extent;
    const isOutside = member.intakeAt > endOffset || member.intakeAt < startOffset;
    const batch = this.intake.read(isOutside ? startOffset : member.intakeAt, this.reading(member, limit));
    if (batch) await this.act(member, async () => (member.intakeAt = await member.tracker.fold(batch)));
  }

  async tellProgress(who: 'owner' | 'other'): Promise<void> {
    const member = this.member(who);
    await this.act(member, () => member.report.send());
  }

  async look(who: 'owner' | 'other', limit: number): Promise<void> {
    const member = this.member(who);
    const written = this.log.written(topics.touched.name);
    const records = written.slice(member.touchedAt, member.touchedAt + limit).map((message, index) => ({
      offset: member.touchedAt + index,
      key: message.key,
      value: message.value,
      headers: {},
      timestamp: message.timestamp,
    }));
    if (records.length === 0) return;
    const { signal, heartbeat } = this.reading(member, limit);
    const batch: RecordBatch = {
      topic: topics.touched.name,
      partition: 0,
      records,
      endOffset: written.length,
      signal,
      heartbeat,
    };
    await this.act(member, async () => (member.touchedAt = await member.sentinel.touched(batch)));
  }

  async courierRound(): Promise<void> {
    const member = this.member('owner');
    await this.act(member, () => member.courier.sweep('all'));
    await this.time.advance('1m');
  }

  private member(who: 'owner' | 'other'): Member {
    return this.members[who === 'owner' ? this.owner : 1 - this.owner]!;
  }

  private reading(member: Member, limit: number) {
    const heartbeat = async (): Promise<void> => {
      if (member === this.members[this.owner]) return;
      member.ownership.abort();
      throw new Error('the group does not know this member');
    };
    return { limit, signal: member.ownership.signal, heartbeat };
  }

  /** Runs until it is done, has failed, or sleeps. */
  private async act(member: Member, work: () => Promise<unknown>): Promise<void> {
    if (member.asleep || member.ownership.signal.aborted) return;
    this.acting = member;
    let complaint: unknown = null;
    let isOver = false;
    void work()
      .catch((error: unknown) => {
        // The test's own: not a failing step.
        if (error instanceof TypeError) complaint = error;
        if (error instanceof ChurnError && error.code === 'FENCED') this.fenced += 1;
      })
      .finally(() => {
        isOver = true;
        member.asleep = null;
      });
    // oxlint-disable-next-line no-unmodified-loop-condition -- the work that is under way ends it
    while (!isOver && !member.asleep) await new Promise((resolve) => setImmediate(resolve));
    this.acting = null;
    if (complaint !== null) throw complaint;
  }

  /** The first look, at which the sentinel notes from when on it decides. */
  async begin(): Promise<this> {
    await this.tellProgress('owner');
    await this.look('owner', 1);
    return this;
  }

  /** Nothing fails any more: everybody does what is left to do. */
  async comeToRest(): Promise<EpochMs> {
    let restedAt = this.time.now();
    this.failing = null;
    this.sleepingAt = null;
    this.channel = 'works';
    await this.wake();
    this.restart();
    const member = this.member('owner');
    // As every process does at its start: see startPositions in apps/standalone.
    member.intakeAt = await whereToBegin(this.windows, this.log, this.intake.topic, 0);
    for (let round = 0; round < 3; round++) {
      let turns = 0;
      for (let before = -1; before !== member.intakeAt || member.intakeAt < this.intake.endOffset;) {
        before = member.intakeAt;
        await this.read('owner', 5);
        if (++turns > 500) throw new TypeError(`the tracker still wants ${member.intakeAt}`);
      }
      restedAt = this.time.now();
      await this.tellProgress('owner');
      while (member.touchedAt < this.log.written(topics.touched.name).length) {
        await this.look('owner', 50);
        if (++turns > 1_000) throw new TypeError('the sentinel does not go on');
      }
      await this.courierRound();
      await this.time.advance('30h');
      await this.courierRound();
    }
    return restedAt;
  }
}
