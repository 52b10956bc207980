import type { Condition } from './condition.js';
import { signalsOf } from './condition.js';
import type { RuleId } from './ids.js';
import type { ChurnDefinition, ValueDefinition } from './lifecycle.js';
import type { Reason } from './reason.js';
import type { LocalText, Signal } from './signal.js';

export const severities = ['low', 'medium', 'high'] as const;
export type Severity = (typeof severities)[number];

/** How a flag may move: every duration in milliseconds. */
export interface FlagPolicy {
  /** The enter condition must hold this long before the flag fires. */
  readonly pendingMs: number;
  /** The exit condition must hold this long before the flag clears. */
  readonly recoverMs: number;
  /** After clearing, the flag may not fire again for this long. */
  readonly cooldownMs: number;
}

export interface Rule {
  readonly id: RuleId;
  /** Hash of everything that shapes a verdict; a transition names it. */
  readonly version: string;
  readonly title: LocalText;
  readonly owner: string;
  readonly severity: Severity;
  /** Code of one of the pack's reasons. */
  readonly reason: string;
  readonly playbook: string;
  /** Tenure guard and minimum history: where this is not true the verdict is `no-data`. */
  readonly guard: Condition;
  readonly enter: Condition;
  readonly exit: Condition;
  readonly policy: FlagPolicy;
  /** Signals shown with every transition, most telling first. */
  readonly evidence: readonly string[];
  /** Liquid template over the evidence, one per language. */
  readonly text: LocalText;
  /** Why its flags move without anybody being told; null: they are told. */
  readonly muted: LocalText | null;
}

export interface Playbook {
  readonly id: string;
  readonly title: LocalText;
  readonly action: LocalText;
  readonly owner: string;
  readonly dueWithinMs: number;
}

/** Those that its conditions read. */
export const signalsRead = ({ guard, enter, exit }: Pick<Rule, 'guard' | 'enter' | 'exit'>): ReadonlySet<string> =>
  new Set([guard, enter, exit].flatMap((condition) => [...signalsOf(condition)]));

/** One industry's ready-made set. */
export interface Pack {
  readonly name: string;
  /** Hash of all the pack's files. */
  readonly version: string;
  readonly title: LocalText;
  readonly churn: ChurnDefinition;
  readonly value: ValueDefinition;
  readonly signals: readonly Signal[];
  readonly rules: readonly Rule[];
  readonly playbooks: readonly Playbook[];
  /** All that its rules may name: the common ones, then its own. */
  readonly reasons: readonly Reason[];
}
