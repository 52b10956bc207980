import { HOUR } from '#domain';
import type { LogMessage } from '#pipeline';

export const timestampHeader = 'churnwatch-timestamp';

/**
 * Brokers delete by the records' timestamps: what carries an old one (a replay, a virtual clock) would be gone within
 * minutes, read or not. So Kafka gets the time of writing, and a message's own time travels as a header where it differs.
 */
export function stamped(message: LogMessage, now: number): Record<string, string> | undefined {
  if (Math.abs(now - message.timestamp) < HOUR) return message.headers && { ...message.headers };
  return { ...message.headers, [timestampHeader]: String(message.timestamp) };
}
