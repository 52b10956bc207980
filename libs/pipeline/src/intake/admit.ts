import type { ActivityEvent, Admission, Clock, EventFamily, RejectReason, TenantId } from '#domain';
import { eventFamilies, familyOf } from '#domain';
import type { AdmissionLimits, Arrival } from '#contracts';
import { encodeEvent, intakeTopics } from '#contracts';
import type { EventLog } from '../ports/event-log.js';
import type { Observer } from '../ports/observer.js';

export interface AdmitParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly observe: Observer;
  readonly limits: AdmissionLimits;
}

/** Reads one item of a request; the gateway knows in which of the accepted shapes it came. */
export type ItemReader = (circumstances: AdmissionLimits & Arrival) => Admission;

/**
 * Takes items in for one tenant. Answers one admission per item, in order, once every admitted one is durable;
 * throws ChurnError LOG_UNAVAILABLE when that cannot be had, and then some may be durable nevertheless: the
 * producer sends all again, and `source` with `id` recognises the repeats.
 */
export type Admit = (tenant: TenantId, items: readonly ItemReader[]) => Promise<readonly Admission[]>;

export function admitter({ log, clock, observe, limits }: AdmitParts): Admit {
  return async (tenant, items) => {
    const now = clock.now();
    const circumstances = { ...limits, tenant, now, receivedAt: now };
    const admissions = items.map((read) => read(circumstances));

    const admitted = new Map<EventFamily, ActivityEvent[]>(eventFamilies.map((family) => [family, []]));
    const rejected = new Map<RejectReason, number>();
    for (const admission of admissions) {
      if (admission.kind === 'admitted') admitted.get(familyOf(admission.event.type))!.push(admission.event);
      else rejected.set(admission.reason, (rejected.get(admission.reason) ?? 0) + 1);
    }
    for (const [reason, count] of rejected) observe({ kind: 'rejected', reason, count, by: 'gateway' });

    const appends = [...admitted].filter(([, events]) => events.length > 0);
    const written = await Promise.allSettled(
      appends.map(async ([family, events]) => {
        await log.append(intakeTopics[family].name, events.map(messageOf));
        observe({ kind: 'admitted', family, count: events.length });
      }),
    );
    // All have come to an end before the first failure is told: nothing is still being written behind the answer.
    const failed = written.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return admissions;
  };
}

const messageOf = (event: ActivityEvent) => ({
  key: event.customer,
  value: encodeEvent(event),
  headers: { 'content-type': 'application/cloudevents+json' },
  timestamp: event.receivedAt,
});
