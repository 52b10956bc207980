import type { EpochMs, Evaluation, FlagPolicy, Pack, Rule } from '#domain';
import { customerKey, DAY, epochMs, plus, ruleId, usualChurn, usualValue } from '#domain';
import type { EvaluationRequest, Evaluator } from '../ports/evaluator.js';
import type { MemoryFlagStore } from './memory-flag-store.js';

const inBoth = (en: string) => ({ en, zh: en });
const always = { kind: 'always', value: true } as const;
export const silenceMs = 7 * DAY;

/** One rule: nothing from the customer for a week. */
export function aSilencePack(policy: Partial<FlagPolicy> = {}, muted: Rule['muted'] = null): Pack {
  const rule: Rule = {
    id: ruleId('silent'),
    version: '1',
    title: inBoth('Silent'),
    owner: 'care',
    severity: 'high',
    reason: 'silence',
    playbook: 'call',
    guard: always,
    enter: always,
    exit: always,
    policy: { pendingMs: 0, recoverMs: 0, cooldownMs: 0, ...policy },
    evidence: ['silence'],
    text: inBoth('Silent for {{ silence }} days'),
    muted,
  };
  const playbook = { id: 'call', title: inBoth('Call'), action: inBoth('Call'), owner: 'care', dueWithinMs: DAY };
  const rest = { churn: usualChurn, value: usualValue, signals: [], reasons: [] };
  const title = inBoth('Test');
  return { name: 'test', version: '1', title, ...rest, rules: [rule], playbooks: [playbook] };
}

/** Judges silence over the events in a MemoryFlagStore, and can be down. */
export class SilenceEvaluator implements Evaluator {
  readonly asked: string[] = [];
  isDown = false;
  /** As a rule that can only come into breach by an event. */
  forgetsDeadlines = false;

  constructor(
    private readonly store: MemoryFlagStore,
    readonly pack: Pack = aSilencePack(),
  ) {}

  async evaluate(requests: readonly EvaluationRequest[]): Promise<readonly Evaluation[]> {
    if (this.isDown) throw new Error('the evaluator does not answer');
    return requests.flatMap((request) => {
      this.asked.push(`${request.customer}@${request.asOf}`);
      const own = this.store.events.get(customerKey(request.tenant, request.customer))?.own ?? [];
      const until = own.map(({ at }) => at).filter((at) => at <= request.asOf);
      return until.length === 0 ? [] : [this.judge(request, epochMs(Math.max(...until)))];
    });
  }

  private judge(request: EvaluationRequest, lastAt: EpochMs): Evaluation {
    const breaksAt = plus(lastAt, silenceMs);
    const isSilent = request.asOf >= breaksAt;
    const nextChangeAt = isSilent || this.forgetsDeadlines ? null : breaksAt;
    return {
      ...request,
      verdicts: new Map([[this.pack.rules[0]!.id, isSilent ? 'breach' : 'ok']]),
      signals: { silence: (request.asOf - lastAt) / DAY },
      nextChangeAt,
      nextBreachAt: nextChangeAt,
      stage: null,
      nextStageAt: null,
      usualGapDays: null,
    };
  }
}
