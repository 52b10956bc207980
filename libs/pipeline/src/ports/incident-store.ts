import type {
  CustomerId,
  EpochMs,
  Extent,
  FailureKind,
  Incident,
  IncidentId,
  IncidentState,
  PastCounts,
  TenantId,
} from '#domain';
import type { Fence } from './fence.js';

/** Customers of one cell who failed, and who were there, in one quarter of an hour of what happened. */
export interface QuarterCounts extends Extent {
  readonly tenant: TenantId;
  readonly kind: FailureKind;
  /** How many quarters of an hour ago, from 0. */
  readonly ago: number;
  readonly failing: number;
  readonly active: number;
  /** The beginning of the five minutes in which the first of them failed; null when nobody did. */
  readonly firstFailedAt: EpochMs | null;
}

/** Whom an incident hit, and what became of them. */
export interface Blast {
  readonly affected: number;
  readonly valueAtRisk: number;
  readonly lastFailedAt: EpochMs | null;
  /** How many of them did something of their own accord since the instant asked about. */
  readonly cameBack: number;
}

export interface AffectedCustomer {
  readonly customer: CustomerId;
  readonly lastFailedAt: EpochMs;
  /** In the 90 days before. */
  readonly spent: number;
  /** When they were last seen of their own accord since the incident ended; null: not yet. */
  readonly seenSince: EpochMs | null;
}

export interface IncidentStore {
  /** The hour up to the end of the five minutes that `read` falls into, in four quarters; cells without customers are left out. */
  quarters(read: EpochMs): Promise<readonly QuarterCounts[]>;
  /** Up to one hour before `hour`, which begins an hour; without what was part of an incident. */
  past(hour: EpochMs): Promise<readonly (PastCounts & { readonly tenant: TenantId; readonly kind: FailureKind })[]>;
  /** Customers who failed so since it began, up to its end; nobody came back as long as there is nothing to come back `since`. */
  blast(incident: Incident, since: EpochMs | null): Promise<Blast>;
  /** Those who spent most first. */
  affected(incident: Incident, limit: number): Promise<readonly AffectedCustomer[]>;
  /** As they are now, of all tenants. */
  open(): Promise<readonly Incident[]>;
  /** Repeating changes nothing. Throws ChurnError FENCED, and stores none, when the fence does not hold any more. */
  append(incidents: readonly Incident[], fence: Fence): Promise<void>;
  /** Stored, but perhaps never told. */
  unpublished(): Promise<readonly Incident[]>;
  markPublished(incidents: readonly Incident[], at: EpochMs): Promise<void>;
  /** As they are now, those that began last first. */
  list(
    tenant: TenantId,
    query: { readonly state?: IncidentState; readonly limit: number },
  ): Promise<readonly Incident[]>;
  find(tenant: TenantId, id: IncidentId): Promise<Incident | null>;
}
