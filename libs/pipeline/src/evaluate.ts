import type { CustomerId, Evaluation, EpochMs, Flag, Pack, Rule, RuleId, TenantId, Transition } from '#domain';
import { advanceFlag, customerKey, neverRaised } from '#domain';
import type { Decision, StoredFlag } from './ports/flag-store.js';
import { buildAlert, transitionIdOf } from './route.js';

/** What a customer's evaluations come to: the moves of their flags, up to when that holds, and when to look again. */
export interface Outcome {
  readonly decisions: readonly Decision[];
  readonly decidedAt: EpochMs;
  readonly lookAgainAt: EpochMs | null;
}

/** A flag and how often it has moved. */
export interface CountedFlag {
  readonly flag: Flag;
  readonly sequence: number;
}

const untouched: CountedFlag = { flag: neverRaised, sequence: 0 };

/** The flags of all tracked customers; those never raised take no memory. */
export class FlagBook {
  private readonly flags = new Map<string, Map<RuleId, CountedFlag>>();

  constructor(private readonly pack: Pack) {}

  restore(stored: readonly StoredFlag[]): void {
    this.flags.clear();
    for (const { tenant, customer, rule, flag, sequence } of stored)
      this.put(tenant, customer, rule, { flag, sequence });
  }

  flagsOf(tenant: TenantId, customer: CustomerId): ReadonlyMap<RuleId, CountedFlag> {
    return this.flags.get(customerKey(tenant, customer)) ?? new Map<RuleId, CountedFlag>();
  }

  /**
   * Takes one customer's evaluations, oldest first, up to the first after which a deadline passes before the next.
   * Moves nothing by itself: the flags change with `keep`, once the decisions are stored.
   */
  decide(evaluations: readonly [Evaluation, ...Evaluation[]], detectedAt: EpochMs): Outcome {
    const [{ tenant, customer }] = evaluations;
    const flags = new Map(this.flagsOf(tenant, customer));
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
    flags: Map<RuleId, CountedFlag>,
    decisions: Decision[],
    detectedAt: EpochMs,
  ): EpochMs | null {
    let askAgainAt: EpochMs | null = null;
    let isUp = false;
    for (const rule of this.pack.rules) {
      const before = flags.get(rule.id) ?? untouched;
      const step = advanceFlag(
        before.flag,
        evaluation.verdicts.get(rule.id) ?? 'no-data',
        rule.policy,
        evaluation.asOf,
      );
      askAgainAt = earlier(askAgainAt, step.askAgainAt);
      isUp ||= step.flag.state !== 'clear' && step.flag.state !== 'retracted';
      if (!step.moved) continue;
      const after = { flag: step.flag, sequence: before.sequence + 1 };
      flags.set(rule.id, after);
      decisions.push(this.decisionFor(rule, evaluation, before.flag, after, detectedAt));
    }
    // While every flag is down, only a new breach can move one.
    return earlier(askAgainAt, isUp ? evaluation.nextChangeAt : evaluation.nextBreachAt);
  }

  keep(decisions: readonly Decision[]): void {
    for (const { transition: move } of decisions) {
      const { to: state, becameDueAt: since, episode, clearedAt, sequence } = move;
      this.put(move.tenant, move.customer, move.rule, { flag: { state, since, episode, clearedAt }, sequence });
    }
  }

  private put(tenant: TenantId, customer: CustomerId, rule: RuleId, flag: CountedFlag): void {
    const key = customerKey(tenant, customer);
    const flags = this.flags.get(key) ?? new Map<RuleId, CountedFlag>();
    this.flags.set(key, flags.set(rule, flag));
  }

  private decisionFor(
    rule: Rule,
    evaluation: Evaluation,
    before: Flag,
    { flag: after, sequence }: CountedFlag,
    detectedAt: EpochMs,
  ): Decision {
    const { tenant, customer, signals, asOf } = evaluation;
    const others = Object.keys(signals).filter((name) => !rule.evidence.includes(name));
    const evidence = Object.fromEntries([...rule.evidence, ...others].map((name) => [name, signals[name] ?? null]));
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
    };
    // A relapse while recovering is still the same episode: nobody is told twice.
    const tells = after.state === 'firing' && before.state !== 'recovering';
    const playbook = this.pack.playbooks.find((each) => each.id === rule.playbook);
    if (!tells || playbook === undefined) return { transition, alert: null };
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

const earlier = (a: EpochMs | null, b: EpochMs | null): EpochMs | null => (a === null || (b !== null && b < a) ? b : a);
