import { extentText, isoOf } from '#domain';
import type { Observation } from '#pipeline';
import type { Log } from '#platform';

/** What somebody must know of who runs this: once when it begins, once when it is over. */
export function logForOperators(log: Log, seen: Observation): void {
  if (seen.kind === 'feed-silent') {
    const { tenant, source, since, heldAt } = seen;
    log.error('feed-silent', { tenant, source, since: isoOf(since), absenceHeldAt: isoOf(heldAt) });
  } else if (seen.kind === 'feed-silence-over') {
    const { tenant, source, since, reason } = seen;
    log.info('feed-silence-over', { tenant, source, since: isoOf(since), reason });
  } else if (seen.kind === 'incident') {
    const { tenant, id, kinds, extent, beganAt, endedAt, affected, valueAtRisk, cameBack } = seen.incident;
    const what = { tenant, id, kinds, extent: extentText(extent), beganAt: isoOf(beganAt), affected, valueAtRisk };
    if (endedAt !== null) log.info('incident-closed', { ...what, endedAt: isoOf(endedAt), cameBack });
    else if (seen.change === 'opened') log.error('incident-opened', what);
    else log.warn('incident-updated', what);
  } else if (seen.kind === 'incidents-looked-for') {
    if (seen.failure === null) log.info('incident-look-resumed', {});
    else log.warn('incident-look-failed', { err: seen.failure });
  } else if (seen.kind === 'valued' && seen.failure !== null) {
    log.warn('value-not-worked-out', { reason: seen.failure });
  }
}
