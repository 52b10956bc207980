import TinyQueue from 'tinyqueue';
import type { CustomerId, EpochMs, TenantId } from '#domain';
import { customerKey, epochMs } from '#domain';
import type { EvaluationRequest } from './ports/evaluator.js';

interface Entry {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  /** Everything up to here is decided. */
  decidedAt: EpochMs;
  /** When a verdict may change though nothing arrives. */
  deadline: EpochMs | null;
  /** Instants of events not yet looked at, oldest first. */
  touches: EpochMs[];
}

interface Slot {
  readonly at: EpochMs;
  readonly key: string;
}

/** Instants of one customer looked at together. */
const mostAhead = 63;

const nextOf = (entry: Entry): EpochMs | null => {
  const touch = entry.touches[0];
  if (touch === undefined) return entry.deadline;
  return entry.deadline === null || touch < entry.deadline ? touch : entry.deadline;
};

/**
 * When each customer has to be looked at again. Costs what falls due, not what is tracked: a heap of instants, of which
 * those overtaken by a newer one are dropped when they come up. The store is the truth; this is rebuilt from it at start.
 */
export class Schedule {
  private readonly entries = new Map<string, Entry>();
  private readonly heap = new TinyQueue<Slot>([], (a, b) => a.at - b.at);

  get size(): number {
    return this.entries.size;
  }

  clear(): void {
    this.entries.clear();
    while (this.heap.length > 0) this.heap.pop();
  }

  /** Starts tracking somebody whose every instant up to `decidedAt` is decided. */
  track(tenant: TenantId, customer: CustomerId, decidedAt: EpochMs): void {
    const key = customerKey(tenant, customer);
    if (!this.entries.has(key)) this.entries.set(key, { tenant, customer, decidedAt, deadline: null, touches: [] });
  }

  /** Something of this customer's is new as of `at`; late news counts from the last decided instant on. */
  touch(tenant: TenantId, customer: CustomerId, at: EpochMs): void {
    const key = customerKey(tenant, customer);
    let entry = this.entries.get(key);
    if (entry === undefined) {
      // Nothing of a newcomer's is decided: what their other topics bring later keeps its own instant.
      entry = { tenant, customer, decidedAt: epochMs(0), deadline: null, touches: [] };
      this.entries.set(key, entry);
    }
    const effective = at < entry.decidedAt ? entry.decidedAt : at;
    insertSorted(entry.touches, effective);
    if (entry.touches[0] === effective) this.heap.push({ at: effective, key });
  }

  /**
   * Whoever is due: each customer with the earliest instant not yet decided, and with the instants of further events,
   * which are worth nothing if a deadline turns out to lie between. Deadlines count up to `gate`; an event's own instant
   * already up to `gate + slackMs`, since that customer at least is heard, unless a deadline that must wait lies before.
   */
  takeDue(gate: EpochMs, slackMs: number, most: number): EvaluationRequest[] {
    const due: EvaluationRequest[] = [];
    const later: Slot[] = [];
    const taken = new Set<string>();
    for (
      let slot = this.heap.peek();
      slot !== undefined && slot.at <= gate + slackMs && due.length < most;
      slot = this.heap.peek()
    ) {
      this.heap.pop();
      const entry = this.entries.get(slot.key);
      if (entry === undefined || nextOf(entry) !== slot.at || taken.has(slot.key)) continue;
      if (slot.at > gate && entry.touches[0] !== slot.at) {
        later.push(slot);
        continue;
      }
      taken.add(slot.key);
      const { tenant, customer, touches } = entry;
      const further = touches.filter((at) => at > slot.at && at <= gate + slackMs).slice(0, mostAhead);
      for (const asOf of [slot.at, ...further]) due.push({ tenant, customer, asOf });
    }
    for (const slot of later) this.heap.push(slot);
    return due;
  }

  /** What was taken could not be decided: it is due again. */
  putBack(requests: readonly EvaluationRequest[]): void {
    for (const { tenant, customer, asOf } of requests) this.heap.push({ at: asOf, key: customerKey(tenant, customer) });
  }

  /** `asOf` is decided; look again at `deadline`. */
  settle(tenant: TenantId, customer: CustomerId, asOf: EpochMs, deadline: EpochMs | null): void {
    const key = customerKey(tenant, customer);
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    entry.decidedAt = asOf;
    entry.deadline = deadline;
    while (entry.touches[0] !== undefined && entry.touches[0] <= asOf) entry.touches.shift();
    const next = nextOf(entry);
    if (next !== null) this.heap.push({ at: next, key });
  }
}

function insertSorted(instants: EpochMs[], instant: EpochMs): void {
  let index = instants.length;
  while (index > 0 && instants[index - 1]! > instant) index--;
  if (instants[index - 1] !== instant) instants.splice(index, 0, instant);
}
