import kafkajs from 'kafkajs';
import { ChurnError } from '#domain';

/** Why something about the log did not work, as everybody else is told. */
export function unavailable(what: string, topics: readonly string[], cause: unknown): ChurnError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ChurnError('LOG_UNAVAILABLE', `cannot ${what} the log ${topics.join(', ')}: ${reason}`, {
    cause,
    retryable: isRetryable(cause),
  });
}

/** What the broker refuses for good (too large, not allowed) will be refused again. */
export const isRetryable = (cause: unknown): boolean =>
  !(rootOf(cause) instanceof kafkajs.KafkaJSProtocolError && !rootOf(cause).retriable);

function rootOf(error: unknown): kafkajs.KafkaJSError {
  const inner = (error as { cause?: unknown }).cause;
  return inner instanceof Error ? rootOf(inner) : (error as kafkajs.KafkaJSError);
}
