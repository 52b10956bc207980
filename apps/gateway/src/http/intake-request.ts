import type { IncomingHttpHeaders } from 'node:http';
import type { SegmentCall } from '#contracts';
import { decodeEvent, readEvent, segmentCallOf, segmentCalls, segmentEnvelope } from '#contracts';
import type { ItemReader } from '#pipeline';
import { RequestProblem } from './problem.js';

/** One event of a request, whatever shape it came in. */
export interface RequestItem {
  /** What the producer calls it; null when that cannot be read. */
  readonly id: string | null;
  readonly read: ItemReader;
}

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads what `POST /v1/events` was sent: CloudEvents in any of their modes, or Segment calls. */
export function itemsOfEvents(body: Buffer, headers: IncomingHttpHeaders): readonly RequestItem[] {
  if (headers['ce-specversion'] !== undefined) return [binaryItem(body, headers)];
  const json = parse(body);
  const batch = mediaType(headers) === 'application/cloudevents-batch+json';
  if (mediaType(headers) === 'application/cloudevents+json' && Array.isArray(json))
    throw new RequestProblem(400, 'A list of events is sent as application/cloudevents-batch+json.');
  if (batch && !Array.isArray(json)) throw new RequestProblem(400, 'A batch is a JSON list of events.');
  if (Array.isArray(json)) return json.map((item) => anyItem(item));
  if (isObject(json) && json['specversion'] === undefined && Array.isArray(json['batch'])) return batchItems(json);
  return [anyItem(json)];
}

/** Reads what was posted to one of Segment's paths. */
export function itemsOfSegment(path: SegmentCall | 'batch', body: Buffer): readonly RequestItem[] {
  const json = parse(body);
  if (!isObject(json)) throw new RequestProblem(400, 'A call is a JSON object.');
  if (path === 'batch') {
    if (Array.isArray(json['batch'])) return batchItems(json);
    throw new RequestProblem(400, 'A batch call is a JSON object with the list `batch`.');
  }
  return [segmentItem(path, json)];
}

const batchItems = (call: Members): readonly RequestItem[] =>
  (call['batch'] as readonly unknown[]).map((item) => {
    const kind = segmentCallOf(item);
    if (kind !== undefined) return segmentItem(kind, item as Members, call['sentAt']);
    const names = segmentCalls.join(', ');
    return {
      id: idOf(item, 'messageId'),
      read: () => ({
        kind: 'rejected',
        reason: 'unknown-type',
        detail: `type is none of ${names}: other calls say nothing of a customer`,
      }),
    };
  });

function anyItem(item: unknown): RequestItem {
  const call = segmentCallOf(item);
  if (call !== undefined) return segmentItem(call, item as Members);
  return { id: idOf(item, 'id'), read: (circumstances) => readEvent(item, circumstances) };
}

const segmentItem = (call: SegmentCall, body: Members, sentAt?: unknown): RequestItem => ({
  id: idOf(body, 'messageId'),
  read: (circumstances) => {
    const admission = readEvent(segmentEnvelope(call, body, circumstances, sentAt), circumstances);
    if (admission.kind === 'admitted') return admission;
    return { ...admission, detail: inSegmentsWords(admission.detail) };
  },
});

/** The producer never saw the envelope its call was turned into. */
const inSegmentsWords = (detail: string): string =>
  detail
    .replace(/^subject is missing.*/, 'userId is missing: visitors who never named themselves are not followed')
    .replace(/^subject /, 'userId ')
    .replace(/^id /, 'messageId ')
    .replace(/^type is missing.*/, 'event is missing: name what happened, such as "Order Completed"')
    .replace(/^type /, 'event ')
    .replace(/^time /, 'timestamp ')
    .replace(/^data\.appVersion /, 'context.app.version ')
    .replace(/^data\.amount /, 'properties.revenue ')
    .replace(/^attributes/, 'properties');

function binaryItem(body: Buffer, headers: IncomingHttpHeaders): RequestItem {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith('ce-') && typeof value === 'string') attributes[name] = value;
  return {
    id: idOf({ id: attributes['ce-id'] }, 'id'),
    read: (circumstances) => decodeEvent(body, attributes, circumstances),
  };
}

const mediaType = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();

function idOf(item: unknown, field: string): string | null {
  const id = isObject(item) ? item[field] : undefined;
  return typeof id === 'string' && id !== '' && id.length <= 200 ? id : null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch {
    throw new RequestProblem(400, 'The body is no JSON in UTF-8.');
  }
}
