import type { CustomerId, EpochMs, FlagState, RuleId, TenantId } from '#domain';
import { decideOn, FlagBook } from '../sentinel/evaluate.js';
import type { EvaluationRequest, Evaluator } from '../ports/evaluator.js';
import type { CustomerHistory, HistoryExtent, HistoryStore, HistoryQuestion } from '../ports/history-store.js';

/** A move that a flag would have made. */
export interface PlayedMove {
  readonly rule: RuleId;
  readonly from: FlagState;
  readonly to: FlagState;
  readonly at: EpochMs;
  readonly episode: number;
}

export interface PlayedCustomer {
  readonly history: CustomerHistory;
  /** Oldest first. */
  readonly moves: readonly PlayedMove[];
}

export interface BacktestParts {
  readonly evaluator: Evaluator;
  readonly histories: HistoryStore;
  /** Whom and how far; nothing later is known to the rules. */
  readonly question: Pick<HistoryQuestion, 'tenant' | 'upTo' | 'marked'>;
  /** From `HistoryStore.extent`. */
  readonly extent: HistoryExtent;
  /** Customers played to the end, those under way counted by how far they are. */
  readonly onProgress: (customers: number) => void;
  readonly signal: AbortSignal;
}

const mostCustomersAtOnce = 5_000;
/** Instants held in memory, if customers are about alike. */
const mostInstantsAtOnce = 2_000_000;
/** A question costs this many looks just for being asked: one that is smaller is filled up with further events. */
const cheapLooks = 1_000;
const mostAhead = 63;

/**
 * Plays a pack's rules over all that the store holds, and tells nobody: each customer is looked at when something of theirs
 * happened and at the deadlines that the evaluator answers, as the sentinel would have, had every event come at once.
 * Yields page by page and forgets a page before the next. When `signal` aborts it just ends.
 */
export async function* backtest(parts: BacktestParts): AsyncIterable<readonly PlayedCustomer[]> {
  const { histories, question, extent, onProgress, signal } = parts;
  const each = Math.max(1, extent.events / extent.customers);
  const customersAtOnce = Math.min(mostCustomersAtOnce, Math.max(1, Math.floor(mostInstantsAtOnce / each)));
  let played = 0;
  for await (const page of histories.pages({ ...question, customersAtOnce })) {
    const walk = new Walk(page, parts.evaluator, question.tenant, question.upTo);
    while (walk.isUnderWay) {
      if (signal.aborted) return;
      await walk.wave();
      onProgress(played + page.length * walk.share);
    }
    if (signal.aborted) return;
    played += page.length;
    onProgress(played);
    yield walk.customers;
  }
}

interface Walker {
  readonly history: CustomerHistory;
  readonly moves: PlayedMove[];
  /** Place of the first event not yet looked at. */
  next: number;
  /** Where to look next. */
  at: EpochMs;
}

/** Rules are measured, not the stages of life. */
const noStages = { decide: () => [] };

/** Many customers in lockstep: each wave asks for the next instant of everybody who has one. */
class Walk {
  readonly customers: readonly Walker[];
  private readonly byName: ReadonlyMap<CustomerId, Walker>;
  private readonly book: FlagBook;
  private readonly instants: number;
  private underWay: readonly Walker[];

  constructor(
    page: readonly CustomerHistory[],
    private readonly evaluator: Evaluator,
    private readonly tenant: TenantId,
    private readonly upTo: EpochMs,
  ) {
    this.customers = page.map((history) => ({ history, moves: [], next: 0, at: history.instants[0]! }));
    this.byName = new Map(this.customers.map((each) => [each.history.customer, each]));
    this.book = new FlagBook(evaluator.pack);
    this.instants = page.reduce((sum, { instants }) => sum + instants.length, 0);
    this.underWay = this.customers;
  }

  get isUnderWay(): boolean {
    return this.underWay.length > 0;
  }

  /** From 0 to 1, by the events looked at. */
  get share(): number {
    return this.customers.reduce((sum, { next }) => sum + next, 0) / this.instants;
  }

  async wave(): Promise<void> {
    const ahead = Math.min(mostAhead, Math.max(0, Math.floor(cheapLooks / this.underWay.length) - 1));
    const requests = this.underWay.flatMap((walker) => this.requestsOf(walker, ahead));
    const outcomes = await decideOn(requests, this.evaluator, this.book, noStages, () => this.upTo);
    const further: Walker[] = [];
    for (const { customer, decisions, decidedAt, lookAgainAt } of outcomes) {
      const walker = this.byName.get(customer)!;
      this.book.keep(decisions);
      for (const { transition } of decisions) {
        const { rule, from, to, becameDueAt: at, episode } = transition;
        walker.moves.push({ rule, from, to, at, episode });
      }
      const { instants } = walker.history;
      while (walker.next < instants.length && instants[walker.next]! <= decidedAt) walker.next++;
      const event = instants[walker.next];
      const at = event === undefined || (lookAgainAt !== null && lookAgainAt < event) ? lookAgainAt : event;
      if (at === null || at > this.upTo) continue;
      walker.at = at;
      further.push(walker);
    }
    this.underWay = further;
  }

  /** Further events are worth nothing if a deadline turns out to lie before them. */
  private requestsOf({ history, next, at }: Walker, ahead: number): EvaluationRequest[] {
    const { customer, instants } = history;
    const further = instants.slice(next, next + ahead + 1).filter((each) => each > at);
    return [at, ...further.slice(0, ahead)].map((asOf) => ({ tenant: this.tenant, customer, asOf }));
  }
}
