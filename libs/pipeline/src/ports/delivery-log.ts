import type { Alert, Attempt, EpochMs, Incident, IncidentId, Intent } from '#domain';

/** An alert that still owes something to a channel. */
export interface OpenDelivery {
  readonly alert: Alert;
  readonly channel: string;
  /** Tries begun so far, also those of which nobody wrote down how they ended. */
  readonly attempts: number;
  readonly retryAt: EpochMs | null;
  /** Nobody knows that the far side does not have it. */
  readonly mayHaveArrived: boolean;
  /** What became of the flag meanwhile: the customer came back, or the alert was withdrawn. */
  readonly overtaken: Overtaken | null;
  /** How the alert that this one withdraws stands on the same channel; null unless this is a retraction. */
  readonly original: Original | null;
  /** Open incidents that hit its customer, and began before it became due. */
  readonly incidents: readonly Pick<Incident, 'id' | 'kinds'>[];
  /** The incident that it was held back for last; null when it never was. */
  readonly heldFor: IncidentId | null;
}

export type Overtaken = 'resolved' | 'retracted';

export interface Original {
  /** Neither delivered nor given up. */
  readonly open: boolean;
  readonly attempts: number;
  readonly mayHaveArrived: boolean;
}

export interface OpenQuestion {
  readonly channels: readonly string[];
  /** For these of the channels only what is due at `now`. */
  readonly dueOnly: readonly string[];
  readonly now: EpochMs;
  /** Only alerts raised after this instant. */
  readonly since: EpochMs;
  /** `next` of the page before; null for the first. */
  readonly after: OpenCursor | null;
  readonly limit: number;
}

/** A place in the order of open deliveries. */
export interface OpenCursor {
  readonly detectedAt: EpochMs;
  readonly retraction: boolean;
  readonly alert: string;
  readonly channel: string;
}

export interface OpenPage {
  readonly deliveries: readonly OpenDelivery[];
  /** Null: there is nothing beyond. */
  readonly next: OpenCursor | null;
}

/** The courier's side of the outbox. The sentinel's insert is the alert; every try is two more rows. */
export interface DeliveryLog {
  /** Says that these tries are about to begin. */
  announce(intents: readonly Intent[]): Promise<void>;
  record(attempts: readonly Attempt[]): Promise<void>;
  /** What was neither delivered nor given up, oldest first; of one instant, retractions after alerts. */
  open(question: OpenQuestion): Promise<OpenPage>;
}
