import type { Alert, Transition } from '#domain';
import { transitionIdOf } from '#pipeline';

/** The move that an alert goes with: its first, or the one that withdraws it. */
export function transitionOf(alert: Alert): Transition {
  const isFirst = alert.kind === 'alert';
  const sequence = isFirst ? 1 : 2;
  return {
    id: transitionIdOf(alert.tenant, alert.customer, alert.rule, sequence),
    sequence,
    tenant: alert.tenant,
    customer: alert.customer,
    rule: alert.rule,
    ruleVersion: alert.ruleVersion,
    episode: alert.episode,
    from: isFirst ? 'clear' : 'firing',
    to: isFirst ? 'firing' : 'retracted',
    becameDueAt: alert.becameDueAt,
    detectedAt: alert.detectedAt,
    severity: alert.severity,
    reason: alert.reason,
    evidence: alert.evidence,
    clearedAt: null,
    amends: isFirst ? null : alert.becameDueAt,
  };
}
