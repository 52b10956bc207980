import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ItemOutcome } from '#contracts';
import { admitAnswer } from '#contracts';
import { ChurnError, SECOND } from '#domain';

export interface GatewayOptions {
  /** Longest time without one answered batch before giving up. Default five minutes. */
  readonly patienceMs?: number;
  /** Waits; a spec turns its own clock instead. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

const refusedAsAWhole = z.object({ items: admitAnswer.shape.items.min(1) });
const firstPauseMs = 250;
const longestPauseMs = 30 * SECOND;

/** Sends events to the gateway as CloudEvents batches and waits as long as it is told to. */
export class GatewayClient {
  private readonly address: string;
  private readonly patienceMs: number;
  private readonly pause: (ms: number) => Promise<unknown>;

  constructor(url: string, options: GatewayOptions = {}) {
    this.address = new URL('/v1/events', url).href;
    this.patienceMs = options.patienceMs ?? 300 * SECOND;
    this.pause = options.pause ?? ((ms) => sleep(ms));
  }

  /**
   * One outcome per event; everything accepted is durable. Sending the same batch again is harmless.
   * Throws ChurnError GATEWAY_UNAVAILABLE when patience ends or the gateway refuses to talk.
   */
  async send(events: readonly object[]): Promise<readonly ItemOutcome[]> {
    const body = JSON.stringify(events);
    let waitedMs = 0;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.attempt(body);
      if ('items' in outcome) return outcome.items;
      const pauseMs = outcome.retryAfterMs ?? Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
      waitedMs += pauseMs;
      if (waitedMs > this.patienceMs) {
        throw new ChurnError('GATEWAY_UNAVAILABLE', `${this.address}: ${outcome.why}`, { retryable: true });
      }
      await this.pause(pauseMs);
    }
  }

  private async attempt(
    body: string,
  ): Promise<{ readonly items: readonly ItemOutcome[] } | { readonly why: string; readonly retryAfterMs?: number }> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.address, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents-batch+json', accept: 'application/json' },
        body,
        signal: AbortSignal.timeout(60 * SECOND),
      });
      text = await response.text();
    } catch (error) {
      return { why: `does not answer (${reasonOf(error)})` };
    }
    const answer = jsonOrNull(text);
    const admitted = admitAnswer.safeParse(answer);
    if (response.ok && admitted.success) return { items: admitted.data.items };
    const refused = refusedAsAWhole.safeParse(answer);
    if (response.status < 500 && response.status !== 429 && refused.success) return { items: refused.data.items };
    if (response.status === 429 || response.status >= 500) {
      const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
      return { why: `answers ${response.status}`, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
    }
    throw new ChurnError(
      'GATEWAY_UNAVAILABLE',
      `${this.address} answers ${response.status} and not as a Churnwatch gateway does; is --url right?`,
    );
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  return typeof code === 'string' ? code : cause instanceof Error ? cause.message : String(cause);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Seconds or an HTTP date, as RFC 9110 has it; null when there is none. */
export function readRetryAfter(value: string | null, now: number = Date.now()): number | null {
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * SECOND : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
