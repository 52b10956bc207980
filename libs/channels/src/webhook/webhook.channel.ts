import { Webhook } from 'standardwebhooks';
import { actionEnvelope, encodeEnvelope } from '#contracts';
import type { Alert, Clock, DeliveryResult } from '#domain';
import { ChurnError, isoOf, SECOND, systemClock } from '#domain';
import type { Channel } from '#pipeline';
import { codeOf } from '../error-code.js';
import { resultOf, retryAfterMs } from '../status.js';
import { unlessAborted } from '../unless-aborted.js';
import { post } from './post.js';
import type { Resolve } from './target-guard.js';
import { checkShape, checkTarget, systemResolve } from './target-guard.js';

export interface WebhookOptions {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
  /** Also loopback and private addresses, and plain http. */
  readonly allowPrivate: boolean;
  readonly timeoutMs?: number;
  readonly resolve?: Resolve;
  /** Receivers compare the signed time with theirs: the wall's clock, also while a replay's runs elsewhere. */
  readonly wallClock?: Clock;
}

/**
 * Posts the action CloudEvent, signed as https://www.standardwebhooks.com says; `webhook-id` is the alert's id, so a
 * receiver that remembers ids takes every alert once. Throws ChurnError CONFIG_INVALID.
 */
export function webhookChannel(options: WebhookOptions): Channel {
  const { url, allowPrivate, timeoutMs = 15 * SECOND, resolve = systemResolve, wallClock = systemClock } = options;
  const signer = signerOf(options.secret);
  const shape = checkShape(url, allowPrivate);
  // The URL itself may be a secret.
  if (shape.kind === 'unsafe') throw new ChurnError('CONFIG_INVALID', `WEBHOOK_URL cannot be used: ${shape.why}`);
  const closing = new AbortController();

  async function deliver(alert: Alert, signal: AbortSignal): Promise<DeliveryResult> {
    const late = AbortSignal.timeout(timeoutMs);
    const ended = AbortSignal.any([signal, late, closing.signal]);
    let mayHaveArrived = false;
    try {
      const target = await unlessAborted(checkTarget(url, { allowPrivate, resolve }), ended);
      if (target.kind === 'unsafe') return { kind: 'retry', reason: 'unsafe-target', detail: target.why };
      if (target.kind === 'unresolved') {
        return { kind: 'retry', reason: 'unreachable', detail: 'the name has no address' };
      }
      const reply = await post(target.url, target.addresses, signed(alert), ended, () => {
        mayHaveArrived = true;
      });
      return resultOf(reply.status, retryAfterMs(reply.retryAfter, wallClock.now()));
    } catch (error) {
      if (late.aborted)
        return { kind: 'retry', reason: 'timeout', detail: `no answer within ${timeoutMs} ms`, mayHaveArrived };
      if (ended.aborted) return { kind: 'retry', reason: 'timeout', detail: 'cut off by the shutdown', mayHaveArrived };
      return {
        kind: 'retry',
        reason: 'unreachable',
        detail: `the connection failed: ${codeOf(error)}`,
        mayHaveArrived,
      };
    }
  }

  function signed(alert: Alert): { headers: Record<string, string>; body: Uint8Array } {
    const body = Buffer.from(encodeEnvelope(actionEnvelope(alert)));
    const at = new Date(isoOf(wallClock.now()));
    const headers = {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'churnwatch',
      'webhook-id': alert.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signer.sign(alert.id, at, body),
    };
    return { headers, body };
  }

  return {
    name: 'webhook',
    deliver,
    close: async () => closing.abort(),
  };
}

function signerOf(secret: string): Webhook {
  // The library takes any text for base64, and what is no base64 makes a shorter key than its owner believes.
  const key = secret.replace(/^whsec_/, '');
  const bytes = Buffer.from(key, 'base64');
  const faithful = bytes.toString('base64').replace(/=+$/, '') === key.replace(/=+$/, '');
  if (!faithful || bytes.byteLength < 24 || bytes.byteLength > 64) {
    throw new ChurnError('CONFIG_INVALID', 'WEBHOOK_SECRET must be whsec_ and the base64 of 24 to 64 random bytes');
  }
  return new Webhook(secret);
}
