import type { CustomerId, EpochMs, EventType, TenantId } from '#domain';

/** When one customer did something; each list holds an instant once, oldest first. */
export interface CustomerHistory {
  readonly customer: CustomerId;
  /** Of anything; at least one. */
  readonly instants: readonly EpochMs[];
  /** Of what shows that they are still there. */
  readonly engaged: readonly EpochMs[];
  /** Of the type asked for. */
  readonly marked: readonly EpochMs[];
}

export interface HistoryExtent {
  readonly customers: number;
  readonly events: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

export interface HistoryQuestion {
  readonly tenant: TenantId;
  /** What occurred later is left out, and so is whoever came later. */
  readonly upTo: EpochMs;
  readonly marked: EventType | null;
  readonly customersAtOnce: number;
}

/** What all customers ever did. Read-only. */
export interface HistoryStore {
  /** Null when nobody has done anything. */
  extent(tenant: TenantId): Promise<HistoryExtent | null>;
  /** Every customer once, by name; a page is all that need be in memory. */
  pages(question: HistoryQuestion): AsyncIterable<readonly CustomerHistory[]>;
}
