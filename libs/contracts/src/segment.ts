import { randomUUID } from 'node:crypto';
import { isoOf } from '#domain';
import { parseInstant } from './event-time.js';
import type { Arrival } from './limits.js';

type Members = Readonly<Record<string, unknown>>;

/** Calls of Segment's tracking API that say something of a customer. */
export const segmentCalls = ['track', 'identify', 'page', 'screen'] as const;
export type SegmentCall = (typeof segmentCalls)[number];

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Members => (isObject(value) ? value : {});
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;

/** `track`, `identify`, ... when a body has Segment's shape; a CloudEvent never has it. */
export function segmentCallOf(body: unknown): SegmentCall | undefined {
  if (!isObject(body) || body['specversion'] !== undefined) return undefined;
  return segmentCalls.find((call) => call === body['type']);
}

/**
 * Writes one Segment call as a CloudEvent, for `readEvent` to judge. What the call lacks is left out, so that the
 * refusal names it. `sentAt` is the batch's, where calls come in one.
 */
export function segmentEnvelope(call: SegmentCall, body: Members, arrival: Arrival, sentAt?: unknown): Members {
  const context = objectOf(body['context']);
  const said = objectOf(call === 'identify' ? (body['traits'] ?? context['traits']) : body['properties']);
  const { amount, rest } = takeAmount(said);
  const library = textOf(objectOf(context['library'])['name']);
  return {
    specversion: '1.0',
    id: textOf(body['messageId']) ?? randomUUID(),
    source: library === undefined ? 'segment' : `segment/${library}`,
    type: typeOf(call, body),
    subject: textOf(body['userId']),
    time: timeOf(body, sentAt, arrival),
    data: {
      amount,
      platform: platformOf(call, context),
      channel: textOf(said['channel']),
      appVersion: textOf(objectOf(context['app'])['version']) ?? textOf(said['version']),
      attributes: call === 'page' || call === 'screen' ? { ...rest, ...nameOf(body) } : rest,
    },
  };
}

const nameOf = (body: Members): Members => (typeof body['name'] === 'string' ? { name: body['name'] } : {});

function typeOf(call: SegmentCall, body: Members): unknown {
  switch (call) {
    case 'track':
      return body['event'];
    case 'identify':
      return 'profile_updated';
    case 'page':
    case 'screen':
      return 'page_view';
  }
}

/** Revenue under whichever of the usual names it came; Segment's SDKs let it be text. */
function takeAmount(said: Members): { readonly amount: number | undefined; readonly rest: Members } {
  for (const field of ['revenue', 'total', 'value', 'amount']) {
    const value = said[field];
    const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof amount !== 'number' || !Number.isFinite(amount)) continue;
    const { [field]: _taken, ...rest } = said;
    return { amount, rest };
  }
  return { amount: undefined, rest: said };
}

function platformOf(call: SegmentCall, context: Members): string | undefined {
  const said = textOf(objectOf(context['os'])['name']) ?? textOf(objectOf(context['device'])['type']);
  if (said !== undefined) return said.toLowerCase();
  return call === 'page' || context['page'] !== undefined ? 'web' : undefined;
}

/**
 * A phone's clock may be wrong, the span between the event and its sending hardly is: with `sentAt` known the event
 * is placed that span before its arrival.
 */
function timeOf(body: Members, batchSentAt: unknown, arrival: Arrival): unknown {
  const said = body['originalTimestamp'] ?? body['timestamp'];
  const sent = body['sentAt'] ?? batchSentAt;
  if (typeof said !== 'string' || typeof sent !== 'string') return said;
  const happened = parseInstant(said);
  const sentAt = parseInstant(sent);
  if (happened === undefined || sentAt === undefined || sentAt < happened) return said;
  const corrected = arrival.receivedAt - (sentAt - happened);
  return corrected >= 0 ? isoOf(corrected as Arrival['receivedAt']) : said;
}
