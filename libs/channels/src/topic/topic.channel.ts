import { actionEnvelope, encodeEnvelope, topics } from '#contracts';
import type { Clock } from '#domain';
import { ChurnError, SECOND } from '#domain';
import type { Channel, EventLog } from '#pipeline';
import { unlessAborted } from '../unless-aborted.js';

/** Above the brokers' own time limits: those know better what went wrong. */
const timeoutMs = 60 * SECOND;

/** Publishes the action CloudEvent on `topics.action`, keyed by customer: for other services. */
export function topicChannel(log: EventLog, clock: Clock): Channel {
  return {
    name: 'topic',
    async deliver(alert, signal) {
      const value = encodeEnvelope(actionEnvelope(alert));
      const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        const message = { key: alert.customer, value, timestamp: clock.now() };
        await unlessAborted(log.append(topics.action.name, [message]), ended);
        return { kind: 'delivered', receipt: topics.action.name };
      } catch (error) {
        if (ended.aborted)
          return { kind: 'retry', reason: 'timeout', detail: 'the log did not take it in time', mayHaveArrived: true };
        const detail = error instanceof ChurnError ? error.code : 'the log failed';
        return { kind: 'retry', reason: 'unreachable', detail, mayHaveArrived: true };
      }
    },
    // The log belongs to the process and is closed there.
    close: async () => {},
  };
}
