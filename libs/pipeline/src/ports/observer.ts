import type {
  DeliveryState,
  EpochMs,
  EventFamily,
  FailureReason,
  FlagState,
  Incident,
  RejectReason,
  RuleId,
  Stage,
  TenantId,
} from '#domain';
import type { CircuitState } from '../courier/circuit.js';

export const incidentChanges = ['opened', 'updated', 'closed'] as const;
export type IncidentChange = (typeof incidentChanges)[number];

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
  | {
      /** Too much of a partition is refused: it stands still, or goes on again. */
      readonly kind: 'capped';
      readonly topic: string;
      readonly partition: number;
      readonly isStopped: boolean;
      readonly text: string;
    }
  /** Events that a producer had sent before, and those about which the store had to be asked. */
  | { readonly kind: 'duplicates'; readonly topic: string; readonly count: number; readonly asked: number }
  | { readonly kind: 'lag'; readonly topic: string; readonly partition: number; readonly records: number }
  | { readonly kind: 'evaluated'; readonly customers: number; readonly tookMs: number }
  | {
      readonly kind: 'scheduled';
      readonly customers: number;
      /** Customers whose history is coming in: they are looked at when it has. */
      readonly historyOf: number;
      readonly heldBackMs: number;
    }
  | {
      /** Of every feed that vouches: for how long it has been notably silent; 0 while it is as usual. */
      readonly kind: 'feeds';
      readonly silences: readonly (readonly [source: string, silentMs: number])[];
    }
  | {
      /** A feed's silence is notable: absence is not decided beyond `heldAt` until it is heard again. */
      readonly kind: 'feed-silent';
      readonly tenant: TenantId;
      readonly source: string;
      readonly since: EpochMs;
      readonly heldAt: EpochMs;
    }
  | {
      readonly kind: 'feed-silence-over';
      readonly tenant: TenantId;
      readonly source: string;
      readonly since: EpochMs;
      readonly reason: 'heard' | 'vouches-no-more';
    }
  /** All that are open, with every look. */
  | { readonly kind: 'incidents'; readonly open: readonly Incident[] }
  | { readonly kind: 'incident'; readonly change: IncidentChange; readonly incident: Incident }
  /** Told when a look fails after one that did not, and, with null, when one succeeds again. */
  | { readonly kind: 'incidents-looked-for'; readonly failure: unknown }
  | {
      readonly kind: 'moved';
      readonly rule: RuleId;
      readonly from: FlagState;
      readonly to: FlagState;
      /** From the instant it became due to the decision, in the clock's milliseconds. */
      readonly delayMs: number;
    }
  | { readonly kind: 'stage-moved'; readonly to: Stage; readonly count: number }
  /** The value of the base was worked out, or could not be. */
  | { readonly kind: 'valued'; readonly tookMs: number; readonly failure: string | null }
  | {
      readonly kind: 'attempted';
      readonly channel: string;
      readonly state: DeliveryState;
      readonly reason: FailureReason | null;
      readonly tookMs: number;
    }
  /** Alerts given up without another try. */
  | { readonly kind: 'dropped'; readonly channel: string; readonly reason: FailureReason; readonly count: number }
  /** Alerts that an open incident explains: they wait for its end. */
  | { readonly kind: 'held-back'; readonly channel: string; readonly count: number }
  /** A try of an alert that the far side may have had before. */
  | { readonly kind: 'repeated'; readonly channel: string }
  | { readonly kind: 'circuit'; readonly channel: string; readonly state: CircuitState; readonly restMs: number };

export type Observer = (observation: Observation) => void;
export const silent: Observer = () => {};
