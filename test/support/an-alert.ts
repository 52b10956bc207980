import type { Alert } from '#domain';
import { alertId, customerId, DAY, epochMs, HOUR, ruleId, tenantId } from '#domain';

export const raisedAt = epochMs(Date.UTC(2017, 2, 7, 9));
let made = 0;

/** An alert as the sentinel raises it; each call a new one unless told otherwise. */
export function anAlert(over: Partial<Alert> = {}): Alert {
  made++;
  return {
    id: alertId(made.toString(16).padStart(32, '0')),
    kind: 'alert',
    retracts: null,
    tenant: tenantId('default'),
    customer: customerId(`ada-${made}`),
    rule: ruleId('gone-quiet'),
    ruleVersion: '3f9c2b7d11aa',
    episode: 1,
    severity: 'high',
    reason: 'silence',
    title: { en: 'Gone quiet', zh: '突然沉默' },
    text: { en: 'no visit for 21 d (usual gap 4.2 d)', zh: '已 21 天未访问（通常间隔 4.2 天）' },
    playbook: {
      id: 'call-back',
      title: { en: 'Call back', zh: '客户回访' },
      action: {
        en: 'Call or write in person, ask what changed, and offer help before any discount.',
        zh: '电话或私信回访，先了解原因并提供帮助，再考虑优惠。',
      },
      owner: 'retention@example.com',
      dueAt: epochMs(raisedAt + 2 * DAY),
    },
    evidence: { silent_days: 21, usual_gap_days: 4.2345, spend_90d: 1234.5, orders_30d: null },
    becameDueAt: epochMs(raisedAt - HOUR),
    detectedAt: raisedAt,
    ...over,
  };
}
