import type { CustomerId, EpochMs, TenantId } from '#domain';
import { epochMs, stages } from '#domain';
import type { Timed } from './instant-heap.js';
import { InstantHeap } from './instant-heap.js';
import type { EvaluationRequest } from '../ports/evaluator.js';
import type { ToldStage } from './stage-book.js';

/** What is to be done about one customer. */
export interface Standing {
  /** Everything up to here is decided. */
  readonly decidedAt: EpochMs;
  /** When a verdict may change though nothing arrives. */
  readonly deadline: EpochMs | null;
  /** Instants of events not yet looked at, oldest first. */
  readonly touches: readonly EpochMs[];
}

interface Entry extends Timed {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  decidedAt: EpochMs;
  deadline: EpochMs | null;
  touches: EpochMs[];
  /** The stage as it was told, packed into one small number: there are very many entries. */
  told: number;
}

const untold = -1;
const codes = stages.length + 1;
const packed = ({ stage, sequence }: ToldStage): number =>
  sequence * codes + (stage === null ? 0 : stages.indexOf(stage) + 1);
const unpacked = (told: number): ToldStage => ({
  stage: stages[(told % codes) - 1] ?? null,
  sequence: Math.floor(told / codes),
});

/** Instants of one customer looked at together. */
const mostAhead = 63;

/** Most entries have no touches most of the time: they share this one. */
const none: EpochMs[] = [];

const nextOf = ({ touches: [touch], deadline }: Entry): EpochMs | null => {
  if (touch === undefined) return deadline;
  return deadline === null || touch < deadline ? touch : deadline;
};

/**
 * When each customer has to be looked at again. Costs what falls due, not what is tracked. The store is the truth; this is
 * rebuilt from it at start. Somebody for whom nothing is to be done takes no memory.
 */
export class Schedule {
  private readonly entries = new Map<TenantId, Map<CustomerId, Entry>>();
  private readonly heap = new InstantHeap<Entry>();
  /** Nobody is decided beyond this. */
  private horizon = epochMs(0);
  private count = 0;

  /** An event may come this much behind what has been decided and is still counted at its own instant. */
  constructor(private readonly latenessMs: number) {}

  get size(): number {
    return this.count;
  }

  clear(): void {
    this.entries.clear();
    this.heap.clear();
    this.count = 0;
    this.horizon = epochMs(0);
  }

  /** Starts tracking somebody whose every instant up to `decidedAt` is decided; `touches` oldest first. */
  track(tenant: TenantId, customer: CustomerId, decidedAt: EpochMs, touches: readonly EpochMs[]): void {
    this.adopt(tenant, customer, { decidedAt, deadline: null, touches });
  }

  /** Whether an event of that instant comes too late for anybody to be taken back to it: it counts from now on. */
  isHistory(at: EpochMs): boolean {
    return at < this.horizon - this.latenessMs;
  }

  /**
   * Something of this customer's is new as of `at`. Answers `late` when what has been decided of them may not hold: then
   * nothing is noted here, and the customer is to be taken back to that instant.
   */
  touch(tenant: TenantId, customer: CustomerId, at: EpochMs): 'noted' | 'late' {
    const entry = this.find(tenant, customer);
    // Without an entry: somebody new, or somebody for whom there was nothing to do. Which of them, only the store can say.
    const decidedAt = entry?.decidedAt ?? this.horizon;
    if (at <= decidedAt) return 'late';
    if (entry) this.note(entry, at);
    else this.track(tenant, customer, decidedAt, [at]);
    return 'noted';
  }

  /** Looks again at where the customer was decided last. */
  lookAgain(tenant: TenantId, customer: CustomerId): void {
    const entry = this.find(tenant, customer);
    if (entry) this.note(entry, entry.decidedAt);
  }

  /** Looks at the customer, whoever it is, as of where everybody is decided. */
  lookNow(tenant: TenantId, customer: CustomerId): void {
    const entry = this.find(tenant, customer);
    if (entry) this.note(entry, this.horizon);
    else this.track(tenant, customer, this.horizon, [this.horizon]);
  }

  /** Everything up to `at` is decided. */
  reach(at: EpochMs): void {
    if (at > this.horizon) this.horizon = at;
  }

  /** Takes a customer back to just before `to`; `instants` are all of their events' from then on. */
  rewind(tenant: TenantId, customer: CustomerId, to: EpochMs, instants: readonly EpochMs[]): void {
    const before = this.standing(tenant, customer)?.touches ?? none;
    const touches = [...new Set([...instants, ...before])].toSorted((a, b) => a - b);
    this.adopt(tenant, customer, { decidedAt: epochMs(to - 1), deadline: null, touches });
  }

  standing(tenant: TenantId, customer: CustomerId): Standing | undefined {
    return this.find(tenant, customer);
  }

  adopt(tenant: TenantId, customer: CustomerId, { decidedAt, deadline, touches }: Standing): void {
    let entry = this.find(tenant, customer);
    if (entry === undefined) {
      entry = { tenant, customer, decidedAt, deadline, touches: none, told: untold, at: 0, place: -1 };
      const own = this.entries.get(tenant) ?? new Map<CustomerId, Entry>();
      this.entries.set(tenant, own.set(customer, entry));
      this.count += 1;
    }
    entry.decidedAt = decidedAt;
    entry.deadline = deadline;
    entry.touches = touches.length === 0 ? none : [...touches];
    this.reach(decidedAt);
    this.queue(entry);
  }

  /** Undefined for somebody of whom only the store can say. */
  told(tenant: TenantId, customer: CustomerId): ToldStage | undefined {
    const told = this.find(tenant, customer)?.told ?? untold;
    return told === untold ? undefined : unpacked(told);
  }

  /** Of somebody who has no place here, nothing is kept. */
  tell(tenant: TenantId, customer: CustomerId, told: ToldStage): void {
    const entry = this.find(tenant, customer);
    if (entry) entry.told = packed(told);
  }

  /**
   * Whoever is due: each customer with the earliest instant not yet decided, and with the instants of further events,
   * which are worth nothing if a deadline turns out to lie between. Deadlines count up to `gate`; an event's own instant
   * already up to `gate + slackMs`, since that customer at least is heard, unless a deadline that must wait lies before.
   */
  takeDue(gate: EpochMs, slackMs: number, most: number): EvaluationRequest[] {
    const due: EvaluationRequest[] = [];
    const later: Entry[] = [];
    for (
      let entry = this.heap.peek();
      entry !== undefined && entry.at <= gate + slackMs && due.length < most;
      entry = this.heap.peek()
    ) {
      this.heap.remove(entry);
      const { tenant, customer, touches, at } = entry;
      if (at > gate && touches[0] !== at) {
        later.push(entry);
        continue;
      }
      due.push({ tenant, customer, asOf: epochMs(at) });
      for (const asOf of touches.filter((each) => each > at && each <= gate + slackMs).slice(0, mostAhead)) {
        due.push({ tenant, customer, asOf });
      }
    }
    for (const entry of later) this.heap.put(entry);
    return due;
  }

  /** What was taken could not be decided: it is due again. */
  putBack(requests: readonly EvaluationRequest[]): void {
    for (const { tenant, customer } of requests) {
      const entry = this.find(tenant, customer);
      if (entry) this.queue(entry);
    }
  }

  /** `asOf` is decided; look again at `deadline`. Who has nothing to come and need not be kept is forgotten. */
  settle(tenant: TenantId, customer: CustomerId, asOf: EpochMs, deadline: EpochMs | null, isKept: boolean): void {
    const entry = this.find(tenant, customer);
    this.reach(asOf);
    if (entry === undefined) return;
    entry.decidedAt = asOf;
    entry.deadline = deadline;
    const rest = entry.touches.findIndex((touch) => touch > asOf);
    entry.touches = rest < 0 ? none : rest === 0 ? entry.touches : entry.touches.slice(rest);
    this.queue(entry);
    if (entry.place < 0 && !isKept) {
      this.entries.get(tenant)!.delete(customer);
      this.count -= 1;
    }
  }

  private find(tenant: TenantId, customer: CustomerId): Entry | undefined {
    return this.entries.get(tenant)?.get(customer);
  }

  private note(entry: Entry, at: EpochMs): void {
    if (entry.touches.length === 0) entry.touches = [at];
    else insertSorted(entry.touches, at);
    this.queue(entry);
  }

  private queue(entry: Entry): void {
    const next = nextOf(entry);
    if (next === null) return this.heap.remove(entry);
    entry.at = next;
    this.heap.put(entry);
  }
}

function insertSorted(instants: EpochMs[], instant: EpochMs): void {
  let index = instants.length;
  while (index > 0 && instants[index - 1]! > instant) index--;
  if (instants[index - 1] !== instant) instants.splice(index, 0, instant);
}
