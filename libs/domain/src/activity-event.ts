import type { CustomerId, TenantId } from './ids.js';
import type { EpochMs } from './time.js';

/** Which topic an event travels on. */
export const eventFamilies = ['activity', 'transaction', 'feedback'] as const;
export type EventFamily = (typeof eventFamilies)[number];

interface EventKind {
  readonly family: EventFamily;
  /** True when the customer did this of their own accord: only such events end a silence. */
  readonly engagement: boolean;
}

const does = (family: EventFamily): EventKind => ({ family, engagement: true });
const notes = (family: EventFamily): EventKind => ({ family, engagement: false });

/** Every event type Churnwatch understands. GA4 names where GA4 has one. */
export const eventKinds = {
  app_install: does('activity'),
  app_open: does('activity'),
  session_start: does('activity'),
  login: does('activity'),
  page_view: does('activity'),
  search: does('activity'),
  add_to_cart: does('activity'),
  login_failed: notes('activity'),
  crash: notes('activity'),
  freeze: notes('activity'),
  update_failed: notes('activity'),
  app_remove: notes('activity'),
  order: does('transaction'),
  payment: does('transaction'),
  recharge: does('transaction'),
  deposit: does('transaction'),
  withdrawal: does('transaction'),
  booking: does('transaction'),
  payment_failed: notes('transaction'),
  refund: notes('transaction'),
  cancellation: notes('transaction'),
  complaint_opened: notes('feedback'),
  complaint_closed: notes('feedback'),
  ticket_opened: notes('feedback'),
  ticket_closed: notes('feedback'),
  waited: notes('feedback'),
  csat_answered: notes('feedback'),
  nps_answered: notes('feedback'),
  review_posted: notes('feedback'),
  campaign_sent: notes('feedback'),
  campaign_redeemed: does('feedback'),
  reward_owed: notes('feedback'),
  reward_credited: notes('feedback'),
  profile_updated: notes('feedback'),
  plan_changed: notes('feedback'),
  price_changed: notes('feedback'),
  outcome_recorded: notes('feedback'),
} as const satisfies Record<string, EventKind>;

export type EventType = keyof typeof eventKinds;
export const eventTypes = Object.keys(eventKinds) as readonly EventType[];
export const engagementTypes = eventTypes.filter((type) => eventKinds[type].engagement);
export const familyOf = (type: EventType): EventFamily => eventKinds[type].family;

/** An immutable fact about one customer. */
export interface ActivityEvent {
  readonly tenant: TenantId;
  /** Unique within `source`; together they recognise a producer's retry. */
  readonly id: string;
  readonly source: string;
  readonly type: EventType;
  readonly customer: CustomerId;
  /** When it happened, by the producer's clock. */
  readonly occurredAt: EpochMs;
  /** When the gateway (or the log, for the user's own topics) took it in. */
  readonly receivedAt: EpochMs;
  /** Money in the tenant's currency, or minutes, score, stars: whatever the type counts. Null when it counts nothing. */
  readonly amount: number | null;
  /** ios, android, web, store...; empty when unknown. */
  readonly platform: string;
  /** App store or sales channel; empty when unknown. */
  readonly channel: string;
  readonly appVersion: string;
  /** Whatever else the producer said, kept for the timeline; at most 4 KiB as JSON. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Why an event was refused. A closed list: it is the dead letter's reason and the metric's label. */
export const rejectReasons = [
  'malformed',
  'invalid',
  'unknown-type',
  'oversize',
  'too-deep',
  'too-old',
  'from-future',
] as const;
export type RejectReason = (typeof rejectReasons)[number];

export type Admission =
  | { readonly kind: 'admitted'; readonly event: ActivityEvent }
  | { readonly kind: 'rejected'; readonly reason: RejectReason; readonly detail: string };
