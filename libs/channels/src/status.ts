import type { DeliveryResult } from '#domain';
import { epochMs, longestRetryAfterMs } from '#domain';

/**
 * What an HTTP status means for a delivery. Given up is only what the same message can never get past;
 * whatever somebody may put right at the far side meanwhile (keys, addresses, outages) is tried again.
 */
export function resultOf(status: number, afterMs?: number): DeliveryResult {
  const detail = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered', receipt: detail };
  if (status >= 300 && status < 400) return { kind: 'retry', reason: 'redirected', detail };
  const patience = afterMs === undefined ? {} : { afterMs };
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 405:
      return { kind: 'retry', reason: 'refused', detail };
    case 408:
      return { kind: 'retry', reason: 'timeout', detail, mayHaveArrived: true };
    case 410:
      return { kind: 'give-up', reason: 'gone', detail };
    case 425:
    case 429:
      return { kind: 'retry', reason: 'throttled', detail, ...patience };
  }
  if (status >= 400 && status < 500) return { kind: 'give-up', reason: 'rejected', detail };
  // It had read the alert before it failed, or somebody behind it had.
  return { kind: 'retry', reason: 'server-error', detail, mayHaveArrived: true, ...patience };
}

/** Reads Retry-After (RFC 9110, 10.2.3): seconds or a date. Capped; undefined when it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : dateMs(text) - nowMs;
  if (!(waitMs >= 0)) return undefined;
  return Math.min(epochMs(waitMs), longestRetryAfterMs);
}

// Date.parse takes much that is no HTTP date ("-1" is a year to it).
const dateMs = (text: string): number => (/^[A-Za-z]{3,9}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN);
