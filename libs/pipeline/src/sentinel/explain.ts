import type { Alert, AlertId, EpochMs, Pack, Rule, SignalValues, TenantId, Verdict, WeighedCondition } from '#domain';
import { usualChurn, usualValue, weigh } from '#domain';
import type { Evaluator } from '../ports/evaluator.js';
import type { RuleStore } from '../ports/rule-store.js';
import type { Views } from '../ports/views.js';

/** An alert decided once more: the rule as it was then, at the instant it was about, over what the store holds now. */
export interface Explanation {
  readonly alert: Alert;
  readonly rule: Rule;
  /** Since when this edition of the rule is known to be in force. */
  readonly keptAt: EpochMs;
  readonly verdict: Verdict;
  readonly guard: WeighedCondition;
  readonly enter: WeighedCondition;
  readonly exit: WeighedCondition;
  /** What the alert showed, and what the same signals come to now: they differ when events came late. */
  readonly evidence: readonly {
    readonly signal: string;
    readonly told: number | null;
    readonly found: number | null;
  }[];
  /** The verdict is the one that the alert told: a breach, or, of a retraction, none. */
  readonly agrees: boolean;
}

export interface ExplainParts {
  readonly views: Pick<Views, 'alert'>;
  readonly rules: RuleStore;
  /** An evaluator of any pack over the same store as ever. */
  readonly evaluatorOf: (pack: Pack) => Evaluator;
}

export class Explainer {
  constructor(private readonly parts: ExplainParts) {}

  /** `rule-not-kept`: nobody knows any more how the rule was, as of alerts from before rules were kept. */
  async explain(tenant: TenantId, id: AlertId): Promise<Explanation | 'no-such-alert' | 'rule-not-kept'> {
    const alert = await this.parts.views.alert(tenant, id);
    if (alert === null) return 'no-such-alert';
    const edition = await this.parts.rules.edition(alert.ruleVersion);
    if (edition === null) return 'rule-not-kept';
    const { rule, signals, keptAt } = edition;
    const none = { en: '', zh: '' };
    // Neither is asked for: any stage will do, and no playbook or reason.
    const unasked = { churn: usualChurn, value: usualValue, playbooks: [], reasons: [] };
    const { version } = rule;
    const alone: Pack = { name: 'explain', version, title: none, ...unasked, signals, rules: [rule] };
    const { customer, becameDueAt: asOf } = alert;
    const [look] = await this.parts.evaluatorOf(alone).evaluate([{ tenant, customer, asOf }]);
    const values: SignalValues = look?.signals ?? {};
    const verdict = look?.verdicts.get(rule.id) ?? 'no-data';
    return {
      alert,
      rule,
      keptAt,
      verdict,
      guard: weigh(rule.guard, values),
      enter: weigh(rule.enter, values),
      exit: weigh(rule.exit, values),
      evidence: rule.evidence.map((signal) => ({
        signal,
        told: alert.evidence[signal] ?? null,
        found: values[signal] ?? null,
      })),
      agrees: (alert.kind === 'alert') === (verdict === 'breach'),
    };
  }
}
