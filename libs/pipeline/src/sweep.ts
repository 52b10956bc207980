import { intakeTopics, topics } from '#contracts';
import type { Clock, EpochMs, Evaluation } from '#domain';
import { customerKey, epochMs } from '#domain';
import { FlagBook } from './evaluate.js';
import { FeedWatch } from './feed-watch.js';
import type { FeedLimits } from './feeds.js';
import { Feeds } from './feeds.js';
import { Gate } from './gate.js';
import type { Assignment, EventLog, RecordBatch } from './ports/event-log.js';
import type { EvaluationRequest, Evaluator } from './ports/evaluator.js';
import type { FeedStore } from './ports/feed-store.js';
import type { Decision, FlagStore, Share } from './ports/flag-store.js';
import type { Observer } from './ports/observer.js';
import { publish } from './publish.js';
import { Schedule } from './schedule.js';
import { decodeTouched } from './touched.js';

export interface SentinelParts {
  readonly evaluator: Evaluator;
  readonly flags: FlagStore;
  readonly log: EventLog;
  readonly assignment: Assignment;
  readonly clock: Clock;
  readonly observer: Observer;
  /** How far ahead of the sources' progress an event is already looked at. Zero under a clock that does not run with the wall. */
  readonly slackMs: number;
  /** How much of the clock may pass before what has been decided is noted down for the next start. */
  readonly noteEveryMs: number;
  /** Left out: no feed vouches. */
  readonly feeds?: { readonly store: FeedStore; readonly limits: FeedLimits };
}

const mostAtOnce = 5_000;

/**
 * Looks at each customer at every instant at which a verdict may have changed, in the order of time: the instants of
 * their events, and the deadlines that pass without any. A deadline is only looked at once every source has been read
 * beyond it, and every feed that vouches has been heard beyond it: neither our own delay nor a feed's silence may look
 * like a customer's.
 */
export class Sentinel {
  private readonly schedule = new Schedule();
  private readonly book: FlagBook;
  private gate = new Gate([], 0);
  private share: Share = { partitions: [], count: 0 };
  /** Under which ownership the share was taken: between two of them somebody else may have decided. */
  private owner: AbortSignal | null = null;
  private notedAt = epochMs(0);
  private decided: EpochMs | null = null;
  /** Decided and stored, but perhaps not yet on the topics. */
  private owed: Decision[] = [];
  private busy: Promise<void> = Promise.resolve();
  private readonly watch: FeedWatch;

  constructor(private readonly parts: SentinelParts) {
    this.watch = new FeedWatch(parts.observer);
    this.book = new FlagBook(parts.evaluator.pack);
  }

  /** Takes a batch of the `touched` topic. Batches of several partitions may come at once; they are looked at one by one. */
  async touched(batch: RecordBatch): Promise<number> {
    const turn = this.busy.then(() => this.look(batch));
    this.busy = turn.catch(() => undefined);
    await turn;
    return batch.signal.aborted ? batch.records[0]!.offset : batch.records.at(-1)!.offset + 1;
  }

  get tracked(): number {
    return this.schedule.size;
  }

  /** Up to here everything has been looked at and told; null before the first time. */
  get decidedUpTo(): EpochMs | null {
    return this.decided;
  }

  private async look(batch: RecordBatch): Promise<void> {
    if (batch.signal.aborted) return;
    await this.takeShare(batch.signal);
    for (const record of batch.records) {
      if (record.value === null) continue;
      const { customers, progress, feeds, retired } = decodeTouched(record.value);
      for (const [tenant, customer, instants] of customers) {
        for (const instant of instants) this.schedule.touch(tenant, customer, instant);
      }
      for (const [topic, partition, upTo] of progress)
        this.gate.advance(batch.partition, `${topic}/${partition}`, upTo);
      this.gate.hear(batch.partition, feeds ?? [], progress);
      for (const [tenant, source] of retired ?? []) this.gate.feeds.retire(tenant, source);
    }
    await this.sweep(batch);
  }

  private async sweep(batch: RecordBatch): Promise<void> {
    const { clock, observer, slackMs, noteEveryMs } = this.parts;
    const read = this.gate.openUpTo;
    if (read === null) return;
    const gate = this.gate.feeds.believedUpTo(read);
    // One of us tells of the feeds.
    if (this.share.partitions.includes(0)) this.watch.look(this.gate.feeds, read);
    await this.publishOwed();
    for (;;) {
      if (batch.signal.aborted) return;
      const due = this.schedule.takeDue(gate, read + slackMs - gate, mostAtOnce);
      if (due.length === 0) break;
      try {
        await this.decide(due);
      } catch (error) {
        this.schedule.putBack(due);
        throw error;
      }
      await this.publishOwed();
      await batch.heartbeat();
    }
    this.decided = gate > (this.decided ?? 0) ? gate : this.decided;
    observer({ kind: 'scheduled', customers: this.schedule.size, heldBackMs: Math.max(0, clock.now() - read) });
    if (gate - this.notedAt >= noteEveryMs) {
      await this.parts.flags.recordDecidedUpTo(this.share, gate);
      this.notedAt = gate;
    }
  }

  private async decide(due: readonly EvaluationRequest[]): Promise<void> {
    const { evaluator, flags, clock, observer } = this.parts;
    const started = performance.now();
    const evaluations = await evaluator.evaluate(due);
    observer({ kind: 'evaluated', customers: due.length, tookMs: performance.now() - started });

    const now = clock.now();
    const answers = new Map<string, [Evaluation, ...Evaluation[]]>();
    for (const evaluation of evaluations.toSorted((a, b) => a.asOf - b.asOf)) {
      const key = customerKey(evaluation.tenant, evaluation.customer);
      const earlier = answers.get(key);
      if (earlier) earlier.push(evaluation);
      else answers.set(key, [evaluation]);
    }
    const outcomes = [...answers.values()].map((own) => ({ about: own[0], ...this.book.decide(own, now) }));
    const decisions = outcomes.flatMap((outcome) => outcome.decisions);
    // Stored before anybody hears of it. Whatever fails from here on repeats the publishing, never the decision.
    if (decisions.length > 0) await flags.append(decisions);
    this.book.keep(decisions);
    this.owed.push(...decisions);
    for (const { about, decidedAt, lookAgainAt } of outcomes) {
      this.schedule.settle(about.tenant, about.customer, decidedAt, lookAgainAt);
    }
    for (const { tenant, customer, asOf } of due) {
      if (!answers.has(customerKey(tenant, customer))) this.schedule.settle(tenant, customer, asOf, null);
    }
    for (const { transition: move } of decisions) {
      observer({ kind: 'moved', rule: move.rule, from: move.from, to: move.to, delayMs: now - move.becameDueAt });
    }
  }

  private async publishOwed(): Promise<void> {
    const { evaluator, flags, log, clock } = this.parts;
    if (this.owed.length === 0) return;
    const decisions = [...this.owed];
    await publish(log, evaluator.pack, this.book, decisions, clock.now());
    await flags.markPublished(decisions, clock.now());
    this.owed.splice(0, decisions.length);
  }

  /** Takes over the customers of the partitions that are ours now: from the store, which is the truth. */
  private async takeShare(owner: AbortSignal): Promise<void> {
    const { assignment, flags, log, clock } = this.parts;
    if (owner === this.owner) return;
    const partitions = [...assignment.assigned(topics.touched.name)].toSorted((a, b) => a - b);
    const share = { partitions, count: await log.partitionCount(topics.touched.name) };
    const sources = await log.ends(Object.values(intakeTopics).map((topic) => topic.name));

    const stored = await flags.load(share);
    this.book.restore(stored);
    const noted = await flags.decidedUpTo(share);
    // Nobody has decided anything here yet: what lies behind is history, and the next start counts from now as well.
    const decidedUpTo = noted ?? clock.now();
    if (noted === null) await flags.recordDecidedUpTo(share, decidedUpTo);
    // A flag may have moved after the last note; its customer is decided up to that move.
    const movedAt = new Map<string, EpochMs>();
    for (const { tenant, customer, flag } of stored) {
      const key = customerKey(tenant, customer);
      if (flag.since > (movedAt.get(key) ?? 0)) movedAt.set(key, flag.since);
    }
    this.schedule.clear();
    for (const { tenant, customer, touchedAt } of await flags.customers(share, decidedUpTo)) {
      const moved = movedAt.get(customerKey(tenant, customer)) ?? decidedUpTo;
      const decidedAt = moved > decidedUpTo ? moved : decidedUpTo;
      this.schedule.track(tenant, customer, decidedAt);
      this.schedule.touch(tenant, customer, decidedAt);
      for (const instant of touchedAt) this.schedule.touch(tenant, customer, instant);
    }
    this.owed = [...(await flags.unpublished(share))];
    this.notedAt = decidedUpTo;
    const feeds = this.parts.feeds;
    const heard = feeds && (await Feeds.restored(feeds.store, feeds.limits, clock.now(), decidedUpTo));
    this.gate = new Gate(partitions, sources.length, heard);
    this.share = share;
    // Last: a failure above has the whole share taken again.
    this.owner = owner;
  }
}
