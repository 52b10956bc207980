import { actionEnvelope, encodeEnvelope, topics } from '#contracts';
import type { Clock } from '#domain';
import { ChurnError } from '#domain';
import type { Channel, EventLog } from '#pipeline';

/** Publishes the action CloudEvent on `topics.action`, keyed by customer: for other services. */
export function topicChannel(log: EventLog, clock: Clock): Channel {
  return {
    name: 'topic',
    async deliver(alert) {
      const value = encodeEnvelope(actionEnvelope(alert));
      try {
        await log.append(topics.action.name, [{ key: alert.customer, value, timestamp: clock.now() }]);
        return { kind: 'delivered', receipt: topics.action.name };
      } catch (error) {
        const detail = error instanceof ChurnError ? error.code : 'the log failed';
        return { kind: 'retry', reason: 'unreachable', detail };
      }
    },
    // The log belongs to the process and is closed there.
    close: async () => {},
  };
}
