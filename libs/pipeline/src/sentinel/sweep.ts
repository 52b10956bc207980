import { intakeTopics, topics } from '#contracts';
import type { CustomerId, EpochMs, TenantId } from '#domain';
import { ChurnError, epochMs } from '#domain';
import { ArrivingHistory } from './arriving-history.js';
import { decideOn, FlagBook } from './evaluate.js';
import { FeedWatch } from '../feeds/feed-watch.js';
import { Feeds } from '../feeds/feeds.js';
import { Gate } from './gate.js';
import { Cells } from '../incidents/cells.js';
import { IncidentWatch } from '../incidents/incident-watch.js';
import { LateCustomers, recall } from './late.js';
import type { Decided } from './outbox.js';
import { Outbox } from './outbox.js';
import type { RecordBatch } from '../ports/event-log.js';
import type { EvaluationRequest, Evaluator } from '../ports/evaluator.js';
import type { Fence } from '../ports/fence.js';
import type { Share, StoredFlag } from '../ports/flag-store.js';
import { Schedule } from './schedule.js';
import type { SentinelParts } from './sentinel-parts.js';
import { Silences } from '../incidents/silences.js';
import { StageBook } from './stage-book.js';
import { decodeTouched } from '../tracker/touched.js';
import { trackedCustomers } from './tracked.js';
import { ValueRounds } from './value-rounds.js';

const mostAtOnce = 5_000;
const mostLateAtOnce = 500;

/**
 * Looks at each customer at every instant at which a verdict may have changed, in the order of time: the instants of
 * their events, and the deadlines that pass without any. A deadline is only looked at once every source has been read
 * beyond it, and every feed that vouches has been heard beyond it: neither our own delay nor a feed's silence may look
 * like a customer's. What is read of a customer after all has them decided anew from then on, and what does not hold is
 * taken back.
 */
export class Sentinel {
  private readonly schedule: Schedule;
  private readonly late = new LateCustomers();
  private readonly arriving: ArrivingHistory;
  private evaluator: Evaluator;
  private book!: FlagBook;
  private stageBook!: StageBook;
  private outbox!: Outbox;
  private gate = new Gate([], 0);
  private share: Share = { partitions: [], count: 0 };
  /** Under which ownership the share was taken: between two of them somebody else may have decided. */
  private owner: AbortSignal | null = null;
  /** One for each partition of the share, and the ownership they were taken under. */
  private fences: readonly Fence[] = [];
  private fencedBy: AbortSignal | null = null;
  /** An ownership that turned out to be somebody else's. */
  private lost: AbortSignal | null = null;
  private notedAt = epochMs(0);
  private decided: EpochMs | null = null;
  /** Up to here whoever had the share before has decided; null when nobody had it. */
  private begunAt: EpochMs | null = null;
  private busy: Promise<void> = Promise.resolve();
  private readonly watch: FeedWatch;
  private readonly incidents: IncidentWatch | null;
  private readonly valueRounds: ValueRounds | null;

  constructor(private readonly parts: SentinelParts) {
    this.watch = new FeedWatch(parts.observer);
    this.incidents = parts.incidents ? incidentWatchOf(parts, parts.incidents) : null;
    this.valueRounds = parts.values ? new ValueRounds(parts.values, parts.observer) : null;
    this.schedule = new Schedule(parts.latenessMs);
    this.arriving = new ArrivingHistory(parts.historySettleMs);
    this.evaluator = parts.inForce();
    this.open();
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
    this.takeRules();
    await this.takeShare(batch);
    if (batch.signal.aborted) return;
    for (const record of batch.records) {
      if (record.value === null) continue;
      const { customers, progress, feeds, retired } = decodeTouched(record.value);
      for (const [tenant, customer, instants] of customers) {
        for (const instant of instants) this.note(tenant, customer, instant);
      }
      for (const [topic, partition, upTo] of progress)
        this.gate.advance(batch.partition, `${topic}/${partition}`, upTo);
      this.gate.hear(batch.partition, feeds ?? [], progress);
      for (const [tenant, source] of retired ?? []) this.gate.feeds.retire(tenant, source);
    }
    await this.sweep(batch);
  }

  private note(tenant: TenantId, customer: CustomerId, at: EpochMs): void {
    const { schedule, arriving } = this;
    if (schedule.isHistory(at)) return arriving.add(tenant, customer, this.parts.clock.now());
    // Whoever is already looked after goes on being so: what they do now is not held up by what they once did.
    const isKnown = schedule.standing(tenant, customer) !== undefined;
    if (!isKnown && arriving.keep(tenant, customer, at)) return;
    if (schedule.touch(tenant, customer, at) === 'late') this.late.add(tenant, customer, at);
  }

  /** Takes up those whose history has come in. */
  private takeArrived(): void {
    for (const { tenant, customer, recent } of this.arriving.takeSettled(this.parts.clock.now())) {
      this.schedule.lookNow(tenant, customer);
      for (const at of recent) this.note(tenant, customer, at);
    }
  }

  private async sweep(batch: RecordBatch): Promise<void> {
    const { clock, observer, slackMs, noteEveryMs } = this.parts;
    const read = this.gate.openUpTo;
    const believed = read === null ? null : this.gate.feeds.believedUpTo(read);
    // One of us tells of the feeds.
    if (read !== null && this.share.partitions.includes(0)) this.watch.look(this.gate.feeds, read);
    // What was decided once is decided, even for somebody whom something late takes back to before.
    const gate = latest(believed, this.decided, this.begunAt);
    if (gate === null) return;
    this.schedule.reach(gate);
    this.takeArrived();
    await this.publishOwed(batch);
    const slack = read === null ? 0 : Math.max(0, read + slackMs - gate);
    await this.takeBack(batch, gate, slack);
    await this.decideDue(batch, gate, slack);
    if (batch.signal.aborted || read === null) return;
    if (this.share.partitions.includes(0)) await this.valueRounds?.look(gate);
    this.decided = gate;
    observer({
      kind: 'scheduled',
      customers: this.schedule.size,
      historyOf: this.arriving.size,
      heldBackMs: Math.max(0, clock.now() - read),
    });
    if (gate - this.notedAt >= noteEveryMs) {
      await this.parts.flags.recordDecidedUpTo(this.share, gate);
      this.notedAt = gate;
    }
    // Last: the longer it takes from here to a decision, the more is stored by then that it should not know of yet.
    await this.lookForIncidents(read);
  }

  /** One of us does: who has the first partition. */
  private async lookForIncidents(read: EpochMs): Promise<void> {
    const fence = this.fences[this.share.partitions.indexOf(0)];
    if (this.incidents !== null && fence !== undefined) await this.asOwner(() => this.incidents!.look(read, fence));
  }

  private async decideDue(batch: RecordBatch, gate: EpochMs, slackMs: number): Promise<void> {
    for (;;) {
      if (batch.signal.aborted) return;
      const due = this.schedule.takeDue(gate, slackMs, mostAtOnce);
      if (due.length === 0) return;
      try {
        await this.decide(due);
      } catch (error) {
        this.schedule.putBack(due);
        throw error;
      }
      await this.publishOwed(batch);
      await batch.heartbeat();
    }
  }

  private async decide(due: readonly EvaluationRequest[]): Promise<void> {
    const { stages, clock, observer } = this.parts;
    const started = performance.now();
    const unknown = this.stageBook.unknown(due);
    if (unknown.length > 0) this.stageBook.learn(unknown, await stages.last(unknown));
    const outcomes = await decideOn(due, this.evaluator, this.book, this.stageBook, () => clock.now());
    observer({ kind: 'evaluated', customers: due.length, tookMs: performance.now() - started });
    await this.keep({
      flags: outcomes.flatMap((outcome) => outcome.decisions),
      stages: outcomes.flatMap((outcome) => outcome.stages),
    });
    for (const { tenant, customer, decidedAt, lookAgainAt } of outcomes) {
      const hasFlags = this.book.flagsOf(tenant, customer).length > 0;
      this.schedule.settle(tenant, customer, decidedAt, lookAgainAt, hasFlags);
    }
  }

  /** Has those of whom something was read late decided anew from then on. */
  private async takeBack(batch: RecordBatch, gate: EpochMs, slackMs: number): Promise<void> {
    const { flags, stages, clock } = this.parts;
    const { evaluator, book, schedule } = this;
    const now = () => clock.now();
    for (let some = this.late.some(mostLateAtOnce); some.length > 0; some = this.late.some(mostLateAtOnce)) {
      if (batch.signal.aborted) return;
      const heartbeat = () => batch.heartbeat();
      const recalled = await recall(some, { evaluator, flags, stages, book, schedule, gate, slackMs, now, heartbeat });
      await this.keep({ flags: recalled.decisions, stages: recalled.stages });
      for (const { tenant, customer, to, instants } of recalled.rewound) {
        schedule.rewind(tenant, customer, to, instants);
      }
      for (const { tenant, customer, standing, mustLookAgain } of recalled.redone) {
        schedule.adopt(tenant, customer, standing);
        if (mustLookAgain) schedule.lookAgain(tenant, customer);
      }
      this.late.done(some);
      await this.publishOwed(batch);
    }
  }

  /** Stored before anybody hears of it. Whatever fails from here on repeats the publishing, never the decision. */
  private async keep(decided: Decided): Promise<void> {
    if (decided.flags.length === 0 && decided.stages.length === 0) return;
    await this.asOwner(() => this.outbox.store(decided, (customers) => this.fencesOf(customers)));
  }

  private async publishOwed(batch: RecordBatch): Promise<void> {
    if (this.outbox.owesNothing || batch.signal.aborted) return;
    // Others may have gone on from what was stored here: then what is told here is old, and theirs to tell.
    await this.asOwner(() => this.parts.flags.mustHold(this.fencesOf(this.outbox.customers)));
    await this.outbox.tell();
  }

  /**
   * Does what only the owner of the share may do. When it fails, nobody knows whether it was done: what is in memory is not
   * trusted any more, and the share is taken again from the store before anything else is decided. When it is refused,
   * somebody else is the owner, and nothing more is done under this ownership.
   */
  private async asOwner(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (error instanceof ChurnError && error.code === 'FENCED') {
        this.lost = this.owner ?? this.fencedBy;
        this.outbox.clear();
        this.schedule.clear();
      }
      this.owner = null;
      throw error;
    }
  }

  private fencesOf(customers: readonly CustomerId[]): readonly Fence[] {
    const { partitions, count } = this.share;
    const own = new Set(customers.map((customer) => this.parts.partitionOf(customer, count)));
    return this.fences.filter((_, index) => own.has(partitions[index]!));
  }

  private takeRules(): void {
    const inForce = this.parts.inForce();
    if (inForce === this.evaluator) return;
    this.evaluator = inForce;
    this.open();
    // What was decided stays; what is due by the new rules is found as by somebody who starts with them.
    this.owner = null;
  }

  private open(): void {
    const { pack } = this.evaluator;
    this.book = new FlagBook(pack);
    this.stageBook = new StageBook(pack.churn, this.schedule);
    this.outbox = new Outbox({ ...this.parts, pack }, this.book, this.stageBook);
  }

  /** Takes over the customers of the partitions that are ours now: from the store, which is the truth. */
  private async takeShare(batch: RecordBatch): Promise<void> {
    const { assignment, flags, log, clock } = this.parts;
    const owner = batch.signal;
    if (owner.aborted || owner === this.owner) return;
    if (owner === this.lost) throw new ChurnError('FENCED', 'somebody else decides for these customers now');
    const partitions = [...assignment.assigned(topics.touched.name)].toSorted((a, b) => a - b);
    const share = { partitions, count: await log.partitionCount(topics.touched.name) };
    const sources = await log.ends(Object.values(intakeTopics).map((topic) => topic.name));

    this.owner = null;
    this.schedule.clear();
    this.late.clear();
    this.arriving.clear();
    this.incidents?.forget();
    this.stageBook.clear();
    this.share = share;
    // Before anything is read: what is read then is the last that others have stored. Under the same ownership it may be
    // somebody else's by now, so then only what we hold is renewed, against what we sent and know no answer to.
    if (owner === this.fencedBy) await this.asOwner(async () => void (this.fences = await flags.renew(this.fences)));
    else this.fences = await flags.takeOver(share);
    this.fencedBy = owner;
    const stored = await flags.load(share);
    this.book.restore(stored);
    await this.outbox.restore(share);
    const noted = await flags.decidedUpTo(share);
    // Nobody has decided anything here yet: what lies behind is history, and the next start counts from now as well.
    const decidedUpTo = noted ?? clock.now();
    if (noted === null) await flags.recordDecidedUpTo(share, decidedUpTo);
    this.begunAt = noted;
    this.decided = null;
    this.notedAt = decidedUpTo;
    const feeds = this.parts.feeds;
    const heard = feeds && (await Feeds.restored(feeds.store, feeds.limits, clock.now(), decidedUpTo));
    this.gate = new Gate(partitions, sources.length, heard);
    this.schedule.reach(decidedUpTo);
    await this.trackAll(batch, stored, decidedUpTo);
    // Last: a failure above has the whole share taken again.
    if (!owner.aborted) this.owner = owner;
  }

  private async trackAll(batch: RecordBatch, stored: readonly StoredFlag[], decidedUpTo: EpochMs): Promise<void> {
    const { flags, latenessMs } = this.parts;
    for await (const page of trackedCustomers(flags, this.share, stored, decidedUpTo, latenessMs)) {
      for (const { tenant, customer, decidedAt, touches, late } of page) {
        this.schedule.track(tenant, customer, decidedAt, [decidedAt, ...touches]);
        for (const at of late) this.late.add(tenant, customer, at);
      }
      // At once, where that can be: most of very many customers turn out to need no place in memory. What came in late goes
      // first, or something would be said of a customer as of that note, only to be corrected.
      if (this.begunAt !== null) {
        await this.takeBack(batch, this.begunAt, 0);
        await this.decideDue(batch, this.begunAt, 0);
      }
      await batch.heartbeat();
      if (batch.signal.aborted) return;
    }
  }
}

const latest = (...instants: readonly (EpochMs | null)[]): EpochMs | null =>
  instants.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);

function incidentWatchOf(parts: SentinelParts, { cells, ...watched }: NonNullable<SentinelParts['incidents']>) {
  const silences = cells ? { silences: new Silences(new Cells(cells.store, cells.vouchesFromPerHour)) } : {};
  return new IncidentWatch({ ...parts, ...watched, ...silences });
}
