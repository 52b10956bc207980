import type {
  CustomerId,
  Evaluation,
  EpochMs,
  Flag,
  Pack,
  Rule,
  RuleId,
  StageMove,
  TenantId,
  Transition,
} from '#domain';
import { advanceFlag, customerKey, isRaised, neverRaised, raises } from '#domain';
import type { EvaluationRequest, Evaluator } from '../ports/evaluator.js';
import type { Decision, StoredFlag } from '../ports/flag-store.js';
import { buildAlert, transitionIdOf } from './route.js';
import type { StageBook } from './stage-book.js';

/** What a customer's evaluations come to: the moves of their flags, up to when that holds, and when to look again. */
export interface Outcome {
  readonly decisions: readonly Decision[];
  readonly decidedAt: EpochMs;
  readonly lookAgainAt: EpochMs | null;
}

/** A flag as its moves so far leave it. */
export interface HeldFlag extends Flag {
  readonly rule: RuleId;
  /** Of its last move; the next one's is one more. */
  readonly sequence: number;
  /** The greatest episode number that was ever raised. Those taken back stay used: no two alerts share a number. */
  readonly spent: number;
}

/** How a flag stands after a move. */
export function afterMove(move: Transition, spentBefore: number): HeldFlag {
  const { rule, to: state, becameDueAt: since, episode, clearedAt, sequence } = move;
  const wasUsed = isRaised(state) || state === 'retracted';
  return {
    rule,
    state,
    since,
    episode,
    clearedAt,
    sequence,
    spent: wasUsed ? Math.max(spentBefore, episode) : spentBefore,
  };
}

/** The flags of all tracked customers; those never raised take no memory. */
export class FlagBook {
  private readonly flags = new Map<string, readonly HeldFlag[]>();

  constructor(private readonly pack: Pack) {}

  restore(stored: readonly StoredFlag[]): void {
    this.flags.clear();
    for (const { tenant, customer, rule, flag, sequence, spent } of stored) {
      this.put(tenant, customer, { rule, ...flag, sequence, spent });
    }
  }

  /** Flags of one customer as they are to be from now on. */
  put(tenant: TenantId, customer: CustomerId, flag: HeldFlag): void {
    const others = this.flagsOf(tenant, customer).filter(({ rule }) => rule !== flag.rule);
    this.flags.set(customerKey(tenant, customer), [...others, flag]);
  }

  /** Of each flag that ever moved. */
  flagsOf(tenant: TenantId, customer: CustomerId): readonly HeldFlag[] {
    return this.flags.get(customerKey(tenant, customer)) ?? [];
  }

  heldFor(tenant: TenantId, customer: CustomerId, rule: RuleId): HeldFlag {
    const held = this.flagsOf(tenant, customer).find((flag) => flag.rule === rule);
    return held ?? { rule, ...neverRaised, sequence: 0, spent: 0 };
  }

  /**
   * Takes one customer's evaluations, oldest first, up to the first after which a deadline passes before the next.
   * Moves nothing by itself: the flags change with `keep`, once the decisions are stored.
   */
  decide(evaluations: readonly [Evaluation, ...Evaluation[]], detectedAt: EpochMs): Outcome {
    const [{ tenant, customer }] = evaluations;
    const flags = new Map(this.flagsOf(tenant, customer).map((flag) => [flag.rule, flag]));
    const decisions: Decision[] = [];
    for (const [index, evaluation] of evaluations.entries()) {
      const lookAgainAt = this.step(evaluation, flags, decisions, detectedAt);
      const next = evaluations[index + 1];
      if (next === undefined || (lookAgainAt !== null && lookAgainAt < next.asOf)) {
        return { decisions, decidedAt: evaluation.asOf, lookAgainAt };
      }
    }
    throw new TypeError('no evaluation to decide on');
  }

  private step(
    evaluation: Evaluation,
    flags: Map<RuleId, HeldFlag>,
    decisions: Decision[],
    detectedAt: EpochMs,
  ): EpochMs | null {
    let askAgainAt: EpochMs | null = null;
    let isUp = false;
    for (const rule of this.pack.rules) {
      const before = flags.get(rule.id) ?? { rule: rule.id, ...neverRaised, sequence: 0, spent: 0 };
      const step = advanceFlag(before, evaluation.verdicts.get(rule.id) ?? 'no-data', rule.policy, evaluation.asOf);
      askAgainAt = earlier(askAgainAt, step.askAgainAt);
      isUp ||= step.flag.state !== 'clear' && step.flag.state !== 'retracted';
      if (!step.moved) continue;
      const decision = this.decisionFor(rule, evaluation, before, numbered(before, step.flag), detectedAt);
      flags.set(rule.id, afterMove(decision.transition, before.spent));
      decisions.push(decision);
    }
    // While every flag is down, only a new breach can move one. A stage moves whatever the flags do.
    const nextVerdictAt = isUp ? evaluation.nextChangeAt : evaluation.nextBreachAt;
    return earlier(earlier(askAgainAt, nextVerdictAt), evaluation.nextStageAt);
  }

  keep(decisions: readonly Decision[]): void {
    for (const { transition: move } of decisions) {
      this.put(move.tenant, move.customer, afterMove(move, this.heldFor(move.tenant, move.customer, move.rule).spent));
    }
  }

  private decisionFor(
    rule: Rule,
    evaluation: Evaluation,
    before: HeldFlag,
    after: Flag,
    detectedAt: EpochMs,
  ): Decision {
    const { tenant, customer, signals, asOf } = evaluation;
    const others = Object.keys(signals).filter((name) => !rule.evidence.includes(name));
    const evidence = Object.fromEntries([...rule.evidence, ...others].map((name) => [name, signals[name] ?? null]));
    const sequence = before.sequence + 1;
    const transition: Transition = {
      id: transitionIdOf(tenant, customer, rule.id, sequence),
      sequence,
      tenant,
      customer,
      rule: rule.id,
      ruleVersion: rule.version,
      episode: after.episode,
      from: before.state,
      to: after.state,
      becameDueAt: asOf,
      detectedAt,
      severity: rule.severity,
      reason: rule.reason,
      evidence,
      clearedAt: after.clearedAt,
      amends: null,
    };
    const playbook = this.pack.playbooks.find((each) => each.id === rule.playbook);
    if (!raises(transition) || rule.muted !== null || playbook === undefined) return { transition, alert: null };
    return {
      transition,
      alert: buildAlert(rule, playbook, {
        tenant,
        customer,
        episode: after.episode,
        evidence,
        becameDueAt: asOf,
        detectedAt,
      }),
    };
  }
}

/** A breach that begins gets the number after all that were ever raised, and gives it back when it comes to nothing. */
function numbered(before: HeldFlag, after: Flag): Flag {
  const begins = before.state === 'clear' || before.state === 'retracted';
  if (begins) return { ...after, episode: before.spent + 1 };
  return before.state === 'pending' && after.state === 'clear' ? { ...after, episode: before.spent } : after;
}

const earlier = (a: EpochMs | null, b: EpochMs | null): EpochMs | null => (a === null || (b !== null && b < a) ? b : a);

export interface CustomerOutcome extends Outcome, Pick<Evaluation, 'tenant' | 'customer'> {
  /** Moves of their stage. */
  readonly stages: readonly StageMove[];
}

/** Asks for these looks and has the books decide on each customer's, oldest first. Nothing is kept yet. */
export async function decideOn(
  requests: readonly EvaluationRequest[],
  evaluator: Evaluator,
  book: FlagBook,
  stageBook: Pick<StageBook, 'decide'>,
  now: () => EpochMs,
): Promise<readonly CustomerOutcome[]> {
  const evaluations = await evaluator.evaluate(requests);
  const detectedAt = now();
  const answers = new Map<string, [Evaluation, ...Evaluation[]]>();
  for (const evaluation of evaluations.toSorted((a, b) => a.asOf - b.asOf)) {
    const key = customerKey(evaluation.tenant, evaluation.customer);
    const before = answers.get(key);
    if (before) before.push(evaluation);
    else answers.set(key, [evaluation]);
  }
  const outcomes = [...answers.values()].map((own) => {
    const [{ tenant, customer }] = own;
    const outcome = book.decide(own, detectedAt);
    const looks = own.filter(({ asOf }) => asOf <= outcome.decidedAt);
    return { tenant, customer, ...outcome, stages: stageBook.decide(looks, detectedAt) };
  });
  // Nothing is known of somebody up to then: that much is decided.
  const unanswered = requests.filter(({ tenant, customer }) => !answers.has(customerKey(tenant, customer)));
  return [
    ...outcomes,
    ...unanswered.map(({ tenant, customer, asOf }) => ({
      tenant,
      customer,
      decisions: [],
      stages: [],
      decidedAt: asOf,
      lookAgainAt: null,
    })),
  ];
}
