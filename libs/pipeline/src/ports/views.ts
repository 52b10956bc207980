import type {
  Alert,
  AlertId,
  CustomerId,
  CustomerValue,
  DeliveryState,
  EpochMs,
  EventType,
  FailureReason,
  Flag,
  IncidentId,
  RuleId,
  SignalValues,
  Stage,
  TenantId,
  Transition,
  Verdict,
} from '#domain';

/** Everything the API and the console show. Read-only; a little stale is fine. */
export interface Views {
  customer(tenant: TenantId, customer: CustomerId, asOf: EpochMs): Promise<CustomerView | null>;
  alerts(tenant: TenantId, query: AlertQuery): Promise<readonly AlertView[]>;
  /** Retractions too; null when there is none of this id. */
  alert(tenant: TenantId, id: AlertId): Promise<Alert | null>;
  /** How many customers were last told to be in each stage. */
  stages(tenant: TenantId): Promise<readonly StageCount[]>;
  overview(tenant: TenantId, asOf: EpochMs): Promise<Overview>;
  deadLetterCounts(): Promise<readonly { readonly reason: string; readonly count: number }[]>;
}

export interface DayActivity {
  /** UTC day, ISO date. */
  readonly day: string;
  readonly type: EventType;
  readonly count: number;
  readonly amount: number;
}

export interface TimelineEntry {
  readonly at: EpochMs;
  readonly kind: 'event' | 'transition';
  readonly type: string;
  readonly amount: number | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface CustomerView {
  readonly customer: CustomerId;
  readonly asOf: EpochMs;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly windows: readonly DayActivity[];
  readonly signals: SignalValues;
  readonly stage: Stage | null;
  /** From when on; null while the move has not been decided. */
  readonly stageSince: EpochMs | null;
  readonly usualGapDays: number | null;
  /** Null before the first night. */
  readonly value: CustomerValue | null;
  readonly flags: readonly {
    readonly rule: RuleId;
    readonly isMuted: boolean;
    readonly verdict: Verdict;
    readonly flag: Flag;
  }[];
  readonly timeline: readonly TimelineEntry[];
}

export interface StageCount {
  readonly stage: Stage;
  readonly customers: number;
}

export interface AlertQuery {
  readonly customer?: CustomerId;
  readonly rule?: RuleId;
  readonly limit: number;
  /** Only alerts detected before this one: the cursor of the page before. */
  readonly before?: { readonly detectedAt: EpochMs; readonly id: string };
}

export interface AlertView {
  readonly alert: Alert;
  readonly deliveries: readonly {
    readonly channel: string;
    readonly state: DeliveryState;
    /** Why it did not arrive; null when it did. */
    readonly reason: FailureReason | null;
    readonly attempts: number;
    readonly lastAt: EpochMs;
    readonly detail: string;
    /** The incident that it was held back for. */
    readonly incident: IncidentId | null;
  }[];
}

export interface Overview {
  readonly asOf: EpochMs;
  readonly customers: number;
  readonly events: number;
  readonly deadLetters: number;
  /** For each rule: flags now pending / raised, and moves so far. */
  readonly rules: readonly {
    readonly rule: RuleId;
    readonly pending: number;
    readonly raised: number;
    readonly firedTotal: number;
    readonly clearedTotal: number;
  }[];
  readonly deliveries: readonly { readonly channel: string; readonly state: DeliveryState; readonly count: number }[];
  /** Events per day over the last 60 days of `asOf`, oldest first. */
  readonly eventsPerDay: readonly { readonly day: string; readonly count: number; readonly customers: number }[];
  readonly latestTransitions: readonly Transition[];
}
