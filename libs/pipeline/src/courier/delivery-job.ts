import type { Alert, Attempt, EpochMs, FailureReason, IncidentId } from '#domain';
import { plus } from '#domain';
import type { Circuit } from './circuit.js';
import type { OpenDelivery, Overtaken } from '../ports/delivery-log.js';

/** What one channel owes to one alert. */
export interface Job {
  readonly alert: Alert;
  readonly takenAt: EpochMs;
  /** It has waited already while nobody was there to deliver it. */
  readonly late: boolean;
  attempts: number;
  retryAt: EpochMs;
  mayHaveArrived: boolean;
  overtaken: Overtaken | null;
  /** An open incident that explains it: it waits for the end of that. */
  incident: IncidentId | null;
  /** The one it was held back for last. */
  heldFor: IncidentId | null;
  where: 'ready' | 'waiting' | 'under-way' | 'following' | 'closing';
}

export const jobOf = (
  delivery: OpenDelivery,
  takenAt: EpochMs,
  { late, incident }: Pick<Job, 'late' | 'incident'>,
): Job => ({
  alert: delivery.alert,
  takenAt,
  late,
  attempts: delivery.attempts,
  retryAt: delivery.retryAt ?? delivery.alert.detectedAt,
  mayHaveArrived: delivery.mayHaveArrived,
  overtaken: delivery.overtaken,
  incident,
  heldFor: delivery.heldFor,
  where: 'ready',
});

/** Why an alert ends without another try. */
export interface Ending {
  readonly reason: FailureReason;
  readonly detail: string;
}

export const retracted: Ending = { reason: 'retracted', detail: 'the alert was withdrawn' };
const resolved: Ending = { reason: 'resolved', detail: 'the customer came back before it went out' };
const explained = (incident: IncidentId): Ending => ({
  reason: 'incident',
  detail: `explained by incident ${incident}: the flag was down again before the alert could go out`,
});
const expired: Ending = { reason: 'expired', detail: 'the alert is too old to be of use' };
const gone: Ending = { reason: 'gone', detail: 'the endpoint said that it is gone; it is off until the next start' };

/** Null: the alert is still to be sent. Pure but for the circuit's state. */
export function endingOf(job: Job, now: EpochMs, ttlMs: number, circuit: Circuit): Ending | null {
  if (job.overtaken === 'retracted') return retracted;
  // A first try in time goes out whatever has happened since: only waiting makes an alert stale.
  const waited = job.attempts > 0 || job.late || circuit.heldUpSince(job.takenAt);
  const incident = job.incident ?? job.heldFor;
  if (job.overtaken === 'resolved' && incident !== null) return explained(incident);
  if (job.overtaken === 'resolved' && waited) return resolved;
  if (now > plus(job.alert.detectedAt, ttlMs)) return expired;
  return circuit.state === 'gone' ? gone : null;
}

/** What is written down of an ending. */
export const closingOf = (
  of: Pick<Attempt, 'tenant' | 'alert' | 'channel' | 'mayHaveArrived'> & { readonly attempts: number },
  { reason, detail }: Ending,
  at: EpochMs,
): Attempt => ({
  tenant: of.tenant,
  alert: of.alert,
  channel: of.channel,
  number: of.attempts + 1,
  state: 'given-up',
  reason,
  detail,
  at,
  retryAt: null,
  mayHaveArrived: of.mayHaveArrived,
});

/** What is written down of an alert that waits for the end of an incident: no try has begun. */
export const holdOf = (
  { alert, attempts, mayHaveArrived }: Job,
  channel: string,
  incident: IncidentId,
  at: EpochMs,
): Attempt => ({
  tenant: alert.tenant,
  alert: alert.id,
  channel,
  number: attempts,
  state: 'retrying',
  reason: 'incident',
  detail: `held back while incident ${incident} is open`,
  at,
  retryAt: null,
  mayHaveArrived,
  incident,
});
