import type { Alert, Attempt, EpochMs, FailureReason } from '#domain';
import { plus } from '#domain';
import type { Circuit } from './circuit.js';
import type { OpenDelivery, Overtaken } from './ports/delivery-log.js';

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
  where: 'ready' | 'waiting' | 'under-way' | 'following' | 'closing';
}

export const jobOf = (delivery: OpenDelivery, takenAt: EpochMs, late: boolean): Job => ({
  alert: delivery.alert,
  takenAt,
  late,
  attempts: delivery.attempts,
  retryAt: delivery.retryAt ?? delivery.alert.detectedAt,
  mayHaveArrived: delivery.mayHaveArrived,
  overtaken: delivery.overtaken,
  where: 'ready',
});

/** Why an alert ends without another try. */
export interface Ending {
  readonly reason: FailureReason;
  readonly detail: string;
}

export const retracted: Ending = { reason: 'retracted', detail: 'the alert was withdrawn' };
const resolved: Ending = { reason: 'resolved', detail: 'the customer came back before it went out' };
const expired: Ending = { reason: 'expired', detail: 'the alert is too old to be of use' };
const gone: Ending = { reason: 'gone', detail: 'the endpoint said that it is gone; it is off until the next start' };

/** Null: the alert is still to be sent. Pure but for the circuit's state. */
export function endingOf(job: Job, now: EpochMs, ttlMs: number, circuit: Circuit): Ending | null {
  if (job.overtaken === 'retracted') return retracted;
  // A first try in time goes out whatever has happened since: only waiting makes an alert stale.
  const waited = job.attempts > 0 || job.late || circuit.heldUpSince(job.takenAt);
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
