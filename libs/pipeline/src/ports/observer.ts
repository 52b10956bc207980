import type { DeliveryState, EventFamily, FailureReason, FlagState, RejectReason, RuleId } from '#domain';

/** What the use cases report. Metrics and logs subscribe; the logic holds no instrumentation. */
export type Observation =
  | { readonly kind: 'admitted'; readonly family: EventFamily; readonly count: number }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectReason;
      readonly count: number;
      readonly by: 'gateway' | 'tracker';
    }
  | { readonly kind: 'folded'; readonly topic: string; readonly events: number; readonly tookMs: number }
  | { readonly kind: 'lag'; readonly topic: string; readonly partition: number; readonly records: number }
  | { readonly kind: 'evaluated'; readonly customers: number; readonly tookMs: number }
  | { readonly kind: 'scheduled'; readonly customers: number; readonly heldBackMs: number }
  | {
      readonly kind: 'moved';
      readonly rule: RuleId;
      readonly from: FlagState;
      readonly to: FlagState;
      /** From the instant it became due to the decision, in the clock's milliseconds. */
      readonly delayMs: number;
    }
  | {
      readonly kind: 'attempted';
      readonly channel: string;
      readonly state: DeliveryState;
      readonly reason: FailureReason | null;
      readonly tookMs: number;
    };

export type Observer = (observation: Observation) => void;
export const silent: Observer = () => {};
