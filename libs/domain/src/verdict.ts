import type { CustomerId, RuleId, TenantId } from './ids.js';
import type { Stage } from './lifecycle.js';
import type { SignalValues } from './signal.js';
import type { EpochMs } from './time.js';

/**
 * What a rule says of one customer at one instant.
 * `between`: neither the enter nor the exit condition holds (hysteresis). `no-data`: the guard does not hold.
 */
export type Verdict = 'breach' | 'between' | 'ok' | 'no-data';

export interface Evaluation {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  /** Only events that occurred up to here were counted. */
  readonly asOf: EpochMs;
  /** One entry for each rule of the pack. */
  readonly verdicts: ReadonlyMap<RuleId, Verdict>;
  /** Every signal of the pack at `asOf`. */
  readonly signals: SignalValues;
  /** The earliest later instant at which a verdict could differ although no event arrives; null: never. */
  readonly nextChangeAt: EpochMs | null;
  /** As `nextChangeAt`, but only for what could bring a rule into breach: all that matters while no flag is up. Never earlier. */
  readonly nextBreachAt: EpochMs | null;
  /** By the pack's churn definition; null while there was no activity. */
  readonly stage: Stage | null;
  /** The instant at which the stage differs if no event arrives; null: never. */
  readonly nextStageAt: EpochMs | null;
  /** The customer's own gap between active days, shrunk towards the definition's; null without activity. */
  readonly usualGapDays: number | null;
}
