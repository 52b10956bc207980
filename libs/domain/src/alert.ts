import type { AlertId, CustomerId, RuleId, TenantId } from './ids.js';
import type { Severity } from './rule.js';
import type { LocalText, SignalValues } from './signal.js';
import type { EpochMs } from './time.js';

/** `retraction`: what was told under `retracts` no longer holds. */
export const alertKinds = ['alert', 'retraction'] as const;
export type AlertKind = (typeof alertKinds)[number];

/**
 * What a person or a service is told when a flag fires, or when it turns out that it should not have. A snapshot: a
 * re-send never says anything else.
 */
export interface Alert {
  readonly id: AlertId;
  readonly kind: AlertKind;
  /** The alert this one withdraws; null unless it is a retraction. */
  readonly retracts: AlertId | null;
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly rule: RuleId;
  readonly ruleVersion: string;
  readonly episode: number;
  readonly severity: Severity;
  readonly reason: string;
  readonly title: LocalText;
  /** The reason in numbers: "no visit for 21 d (usual gap 4.2 d)". */
  readonly text: LocalText;
  readonly playbook: {
    readonly id: string;
    readonly title: LocalText;
    readonly action: LocalText;
    readonly owner: string;
    readonly dueAt: EpochMs;
  };
  readonly evidence: SignalValues;
  readonly becameDueAt: EpochMs;
  readonly detectedAt: EpochMs;
}
