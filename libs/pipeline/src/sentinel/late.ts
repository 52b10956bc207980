import type { CustomerId, EpochMs, EventType, StageMove, TenantId } from '#domain';
import { customerKey, epochMs } from '#domain';
import { amendment, standingMoves } from './amend.js';
import { afterMove, decideOn, FlagBook } from './evaluate.js';
import { groupBy } from '../group-by.js';
import type { Evaluator } from '../ports/evaluator.js';
import type { Decision, FlagStore } from '../ports/flag-store.js';
import type { StageStore } from '../ports/stage-store.js';
import type { Standing } from './schedule.js';
import { Schedule } from './schedule.js';
import { stageAmendment, StageBook, standingStages } from './stage-book.js';
import { thinned } from '../tracker/touched.js';

/** Somebody of whom something was read after they had been decided beyond it. */
interface LateCustomer {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  /** Instants of what came late. */
  readonly instants: ReadonlySet<EpochMs>;
}

/** Whom to take back, and to when. */
export class LateCustomers {
  private readonly waiting = new Map<string, LateCustomer & { readonly instants: Set<EpochMs> }>();

  add(tenant: TenantId, customer: CustomerId, at: EpochMs): void {
    const key = customerKey(tenant, customer);
    const entry = this.waiting.get(key) ?? { tenant, customer, instants: new Set<EpochMs>() };
    entry.instants.add(at);
    this.waiting.set(key, entry);
  }

  clear(): void {
    this.waiting.clear();
  }

  some(most: number): readonly LateCustomer[] {
    return [...this.waiting.values()].slice(0, most);
  }

  done(customers: readonly LateCustomer[]): void {
    for (const { tenant, customer } of customers) this.waiting.delete(customerKey(tenant, customer));
  }
}

interface From extends LateCustomer {
  readonly from: EpochMs;
  /** Of all their events since. */
  readonly instants: ReadonlySet<EpochMs>;
  readonly late: readonly (readonly [EpochMs, EventType])[];
}

interface Placed {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
}

export interface Recalled {
  /** Neither a flag nor the stage has moved since: what follows can be decided as if it had never been. */
  readonly rewound: readonly (Placed & { readonly to: EpochMs; readonly instants: readonly EpochMs[] })[];
  /** Decided anew up to now. `mustLookAgain`: a flag was decided by another version of its rule and only goes on. */
  readonly redone: readonly (Placed & { readonly standing: Standing; readonly mustLookAgain: boolean })[];
  /** What is to be added to the moves of those decided anew. */
  readonly decisions: readonly Decision[];
  readonly stages: readonly StageMove[];
}

export interface RecallParts {
  readonly evaluator: Evaluator;
  readonly flags: FlagStore;
  readonly stages: StageStore;
  /** How everybody's flags stand. */
  readonly book: FlagBook;
  readonly schedule: Schedule;
  /** As in `Schedule.takeDue`. */
  readonly gate: EpochMs;
  readonly slackMs: number;
  readonly now: () => EpochMs;
  readonly heartbeat: () => Promise<void>;
}

const mostAtOnce = 2_000;
/** Beyond this many instants, the last of each minute has to do. */
const mostExactInstants = 1_000;

/**
 * What it comes to that something was read of customers after they had been decided beyond it. Nothing changes yet: the
 * decisions are to be stored first.
 */
export async function recall(customers: readonly LateCustomer[], parts: RecallParts): Promise<Recalled> {
  const found = await fromWhen(customers, parts.flags);
  const told = groupBy(await parts.stages.history(found), ({ tenant, customer }) => customerKey(tenant, customer));
  const toldOf = ({ tenant, customer }: Placed): readonly StageMove[] => told.get(customerKey(tenant, customer)) ?? [];
  const isUnmoved = (each: From): boolean =>
    parts.book.flagsOf(each.tenant, each.customer).every((flag) => flag.since < each.from) &&
    standingStages(toldOf(each)).every((move) => move.becameDueAt < each.from);
  const moved = found.filter((each) => !isUnmoved(each));
  return {
    rewound: found
      .filter(isUnmoved)
      .map(({ tenant, customer, from, instants }) => ({ tenant, customer, to: from, instants: [...instants] })),
    ...(moved.length === 0 ? { redone: [], decisions: [], stages: [] } : await redo(moved, toldOf, parts)),
  };
}

async function fromWhen(customers: readonly LateCustomer[], flags: FlagStore): Promise<readonly From[]> {
  const asked = customers.map(({ tenant, customer, instants }) => ({
    tenant,
    customer,
    since: epochMs(Math.min(...instants)),
  }));
  const answers = await flags.eventsSince(asked);
  const events = new Map(answers.map((each) => [customerKey(each.tenant, each.customer), each.events]));
  return customers.map(({ tenant, customer, instants: late }, index) => {
    const own = events.get(customerKey(tenant, customer)) ?? [];
    return {
      tenant,
      customer,
      from: asked[index]!.since,
      instants: new Set([
        ...thinned(
          own.map(([at]) => at),
          mostExactInstants,
        ),
        ...late,
      ]),
      late: own.filter(([at]) => late.has(at)),
    };
  });
}

/** Decides customers anew from where something came late, beside what is held, and compares. */
async function redo(
  customers: readonly From[],
  toldOf: (customer: Placed) => readonly StageMove[],
  parts: RecallParts,
): Promise<Omit<Recalled, 'rewound'>> {
  const { evaluator, flags, schedule, now } = parts;
  const { pack } = evaluator;
  const history = groupBy(await flags.history(customers), ({ transition }) =>
    keyOf(transition.tenant, transition.customer, transition.rule),
  );
  const book = new FlagBook(pack);
  const again = new Schedule(0);
  // Whoever was decided up to here without knowing of what came late is decided up to here with it.
  let upTo = parts.gate;
  for (const { tenant, customer, from, instants } of customers) {
    for (const { id } of pack.rules) {
      const stored = history.get(keyOf(tenant, customer, id)) ?? [];
      const last = standingMoves(stored).findLast((move) => move.becameDueAt < from);
      if (last) book.put(tenant, customer, afterMove(last, 0));
    }
    const standing = schedule.standing(tenant, customer);
    if (standing && standing.decidedAt > upTo) upTo = standing.decidedAt;
    again.rewind(tenant, customer, from, [...instants, ...(standing?.touches ?? [])]);
    // After a crash the stage may be told further than the flags are decided.
    const stages = standingStages(toldOf({ tenant, customer }));
    upTo = epochMs(Math.max(upTo, stages.at(-1)?.becameDueAt ?? 0));
    const stage = stages.findLast((move) => move.becameDueAt < from)?.to ?? null;
    again.tell(tenant, customer, { stage, sequence: 0 });
  }

  const stageBook = new StageBook(pack.churn, again);
  const stagesAnew = new Map<string, StageMove[]>();
  const anew = new Map<string, Decision[]>();
  const slackMs = Math.max(0, parts.gate + parts.slackMs - upTo);
  for (let due = again.takeDue(upTo, slackMs, mostAtOnce); due.length > 0;) {
    for (const outcome of await decideOn(due, evaluator, book, stageBook, now)) {
      const { tenant, customer, decisions, stages, decidedAt, lookAgainAt } = outcome;
      book.keep(decisions);
      stageBook.keep(stages);
      const placed = customerKey(tenant, customer);
      stagesAnew.set(placed, [...(stagesAnew.get(placed) ?? []), ...stages]);
      for (const decision of decisions) {
        const key = keyOf(tenant, customer, decision.transition.rule);
        anew.set(key, [...(anew.get(key) ?? []), decision]);
      }
      again.settle(tenant, customer, decidedAt, lookAgainAt, true);
    }
    await parts.heartbeat();
    due = again.takeDue(upTo, slackMs, mostAtOnce);
  }

  const decisions: Decision[] = [];
  const stages: StageMove[] = [];
  const redone = customers.map(({ tenant, customer, from, late }) => {
    let mustLookAgain = false;
    for (const rule of pack.rules) {
      const key = keyOf(tenant, customer, rule.id);
      const stored = history.get(key) ?? [];
      // What another version of the rule said is no mistake, and not for this one to take back.
      if (standingMoves(stored).some((move) => move.becameDueAt >= from && move.ruleVersion !== rule.version)) {
        mustLookAgain = true;
        continue;
      }
      const held = parts.book.heldFor(tenant, customer, rule.id);
      const more = { stored, since: from, anew: anew.get(key) ?? [], news: { events: late }, detectedAt: now() };
      decisions.push(...amendment({ tenant, customer, rule, held, ...more }));
    }
    const told = toldOf({ tenant, customer });
    if (standingStages(told).some((move) => move.becameDueAt >= from && move.definition !== pack.churn.version)) {
      mustLookAgain = true;
    } else {
      stages.push(...stageAmendment(told, from, stagesAnew.get(customerKey(tenant, customer)) ?? [], now()));
    }
    return { tenant, customer, standing: again.standing(tenant, customer)!, mustLookAgain };
  });
  return { redone, decisions, stages };
}

const keyOf = (...parts: readonly string[]): string => parts.join('\0');
