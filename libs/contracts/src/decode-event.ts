import { epochMs, isoOf, customerId, tenantId } from '#domain';
import type { ActivityEvent, Admission, EpochMs, RejectReason } from '#domain';
import { closestEventType, eventTypeNamed } from './event-names.js';
import { parseInstant } from './event-time.js';
import { makeSafe } from './json-shape.js';
import type { AdmissionLimits, Arrival } from './limits.js';

type Refusal = Extract<Admission, { kind: 'rejected' }>;
type Members = Readonly<Record<string, unknown>>;
type Read<T> = { readonly value: T } | { readonly refusal: Refusal };

/** Name of the source of events that do not say where they come from. */
export const unnamedSource = 'unknown';

const refuse = (reason: RejectReason, detail: string): Refusal => ({ kind: 'rejected', reason, detail });
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one record of an intake topic, or one HTTP body, as CloudEvents 1.0: structured JSON, or binary when the
 * headers hold `ce_specversion` (Kafka) or `ce-specversion` (HTTP). Throws for no input whatsoever.
 */
export function decodeEvent(
  value: Uint8Array,
  headers: Readonly<Record<string, string>>,
  limits: AdmissionLimits & Arrival,
): Admission {
  if (value.byteLength > limits.maxBytes)
    return refuse(
      'oversize',
      `the event is ${value.byteLength} bytes, at most ${limits.maxBytes} are taken: move large fields elsewhere`,
    );
  const attributes = binaryAttributes(headers);
  if (attributes !== null && value.byteLength === 0) return readEvent(attributes, limits);
  const body = parseJson(value);
  if ('refusal' in body) return body.refusal;
  return readEvent(attributes === null ? body.value : { ...attributes, data: body.value }, limits);
}

/** The same for an envelope that was parsed already. May alter `envelope`: it is made safe in place. */
export function readEvent(envelope: unknown, limits: AdmissionLimits & Arrival): Admission {
  if (!isObject(envelope)) return refuse('malformed', `an event is a JSON object, this is ${nameOf(envelope)}`);
  const { specversion, source, time } = envelope;
  if (specversion !== undefined && specversion !== '1.0')
    return refuse('invalid', `specversion is ${show(specversion)}: only "1.0" is understood`);

  const id = readName(envelope['id'], 'id', 'give every event an id unique within its source', limits);
  if ('refusal' in id) return id.refusal;
  const from =
    source === undefined ? { value: unnamedSource } : readName(source, 'source', 'name the producer', limits);
  if ('refusal' in from) return from.refusal;
  const customer = readName(envelope['subject'], 'subject', 'put the customer’s id there', limits);
  if ('refusal' in customer) return customer.refusal;
  const type = readType(envelope['type']);
  if ('refusal' in type) return type.refusal;

  const receivedAt = (limits.trusted ? carriedReceipt(envelope) : undefined) ?? limits.receivedAt;
  const occurredAt = time === undefined || time === null ? { value: receivedAt } : readTime(time);
  if ('refusal' in occurredAt) return occurredAt.refusal;
  const untimely = checkAge(occurredAt.value, limits);
  if (untimely !== null) return untimely;

  const payload = payloadOf(envelope);
  if ('refusal' in payload) return payload.refusal;
  const data = readData(payload.value, limits);
  if ('refusal' in data) return data.refusal;

  const tenant = limits.trusted ? carriedTenant(envelope) : undefined;
  return {
    kind: 'admitted',
    event: {
      tenant: tenant === undefined ? limits.tenant : tenantId(tenant),
      id: id.value,
      source: from.value,
      type: type.value,
      customer: customerId(customer.value),
      occurredAt: occurredAt.value,
      receivedAt,
      ...data.value,
    },
  };
}

/** Attributes of a binary-mode message; null when it is structured. Kafka's are `ce_id`, HTTP's `ce-id` with %-escapes. */
function binaryAttributes(headers: Readonly<Record<string, string>>): Members | null {
  const attributes: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let binary = false;
  for (const name of Object.keys(headers)) {
    const match = /^ce([_-])([a-z0-9]+)$/i.exec(name);
    if (match === null) continue;
    const attribute = match[2]!.toLowerCase();
    if (attribute === 'specversion') binary = true;
    const text = String(headers[name]);
    attributes[attribute] = match[1] === '-' ? unescaped(text) : text;
  }
  return binary ? attributes : null;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseJson(value: Uint8Array): Read<unknown> {
  if (value.byteLength === 0) return { refusal: refuse('malformed', 'the record is empty: send a CloudEvent as JSON') };
  let text: string;
  try {
    text = strictUtf8.decode(value);
  } catch {
    return { refusal: refuse('malformed', 'the bytes are no UTF-8: send JSON encoded as UTF-8') };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    // V8 quotes the text around the fault; what a customer sent has no business in logs and metrics.
    const place = /position \d+/.exec((error as Error).message)?.[0];
    return { refusal: refuse('malformed', `the text is no JSON${place === undefined ? '' : ` (at ${place})`}`) };
  }
}

/** Cc: control characters; Cs: halves of surrogate pairs, which UTF-8 cannot carry. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

function readName(value: unknown, field: string, fix: string, limits: AdmissionLimits): Read<string> {
  if (value === undefined || value === null || value === '')
    return { refusal: refuse('invalid', `${field} is missing: ${fix}`) };
  if (typeof value !== 'string')
    return { refusal: refuse('invalid', `${field} is ${nameOf(value)}, it must be text: put it in quotes`) };
  return plainText(value, field, limits.maxIdLength);
}

function plainText(value: string, field: string, maxLength: number): Read<string> {
  if (value.length > maxLength)
    return { refusal: refuse('invalid', `${field} has ${value.length} characters, at most ${maxLength} are taken`) };
  if (unprintable.test(value))
    return { refusal: refuse('invalid', `${field} holds control characters or broken Unicode: remove them`) };
  return { value };
}

function readType(value: unknown): Read<ActivityEvent['type']> {
  if (typeof value !== 'string' || value.trim() === '')
    return { refusal: refuse('invalid', 'type is missing: name what happened, such as "app_open" or "order"') };
  const type = eventTypeNamed(value);
  if (type !== undefined) return { value: type };
  const closest = closestEventType(value);
  const hint = closest === undefined ? 'see docs/schemas/event.json for those known' : `did you mean "${closest}"?`;
  return { refusal: refuse('unknown-type', `type ${show(value)} is not known: ${hint}`) };
}

function readTime(value: unknown): Read<EpochMs> {
  const at = typeof value === 'string' ? parseInstant(value) : undefined;
  if (at !== undefined) return { value: at };
  return {
    refusal: refuse(
      'invalid',
      `time is ${show(value)}: write an RFC 3339 instant such as "2026-03-01T09:30:00Z", or leave it out`,
    ),
  };
}

function checkAge(at: EpochMs, limits: AdmissionLimits & Arrival): Refusal | null {
  if (at < limits.now - limits.maxAgeMs)
    return refuse(
      'too-old',
      `time ${written(at)} is more than ${Math.round(limits.maxAgeMs / 86_400_000)} days ago: import history with the command line`,
    );
  if (at > limits.now + limits.maxAheadMs)
    return refuse(
      'from-future',
      `time ${written(at)} is ahead of ${written(limits.now)}: set the producer’s clock, at most ${Math.round(limits.maxAheadMs / 1_000)} s are tolerated`,
    );
  return null;
}

/** Instants of a year beyond 9999 have no RFC 3339 form. */
const written = (at: EpochMs): string => (Math.abs(at) < 8.64e15 ? isoOf(at) : String(at));

function payloadOf(envelope: Members): Read<Members> {
  const { datacontenttype: contentType, data, data_base64: base64 } = envelope;
  if (typeof contentType === 'string' && !/^[^;]*\bjson\s*(;|$)/i.test(contentType))
    return { refusal: refuse('invalid', `datacontenttype is ${show(contentType)}: only JSON data is understood`) };
  if (data !== undefined && data !== null) {
    if (isObject(data)) return { value: data };
    return { refusal: refuse('invalid', `data is ${nameOf(data)}, it must be an object`) };
  }
  if (base64 === undefined || base64 === null) return { value: {} };
  const decoded = typeof base64 === 'string' ? parseJson(Buffer.from(base64, 'base64')) : null;
  if (decoded !== null && 'value' in decoded && isObject(decoded.value)) return { value: decoded.value };
  return { refusal: refuse('invalid', 'data_base64 does not hold a JSON object: send it as data') };
}

type Payload = Pick<ActivityEvent, 'amount' | 'platform' | 'channel' | 'appVersion' | 'attributes'>;

function readData(data: Members, limits: AdmissionLimits): Read<Payload> {
  const fault = makeSafe(data, 'data', limits.maxDepth + 1, limits.maxKeys);
  if (fault !== null) return { refusal: refusalOf(fault, limits) };
  const { amount, platform, channel, appVersion, app_version: appVersionToo, attributes: nested, ...rest } = data;

  if (amount !== undefined && amount !== null && typeof amount !== 'number')
    return { refusal: refuse('invalid', `data.amount is ${nameOf(amount)}, it must be a number or left out`) };
  if (nested !== undefined && nested !== null && !isObject(nested))
    return { refusal: refuse('invalid', `data.attributes is ${nameOf(nested)}, it must be an object`) };
  const texts: string[] = [];
  for (const [field, value] of Object.entries({ platform, channel, appVersion: appVersion ?? appVersionToo })) {
    if (value !== undefined && value !== null && typeof value !== 'string')
      return { refusal: refuse('invalid', `data.${field} is ${nameOf(value)}, it must be text: put it in quotes`) };
    const text = plainText(value ?? '', `data.${field}`, limits.maxIdLength);
    if ('refusal' in text) return text;
    texts.push(text.value);
  }

  const attributes = { ...rest, ...nested };
  const bytes = Buffer.byteLength(JSON.stringify(attributes));
  if (bytes > limits.maxAttributesBytes)
    return {
      refusal: refuse(
        'oversize',
        `attributes are ${bytes} bytes as JSON, at most ${limits.maxAttributesBytes} are kept: send fewer fields`,
      ),
    };
  const [platformText, channelText, versionText] = texts as [string, string, string];
  return {
    value: {
      amount: amount ?? null,
      platform: platformText,
      channel: channelText,
      appVersion: versionText,
      attributes,
    },
  };
}

function refusalOf(fault: NonNullable<ReturnType<typeof makeSafe>>, limits: AdmissionLimits): Refusal {
  switch (fault.kind) {
    case 'too-deep':
      return refuse('too-deep', `data is nested deeper than ${limits.maxDepth} levels: flatten it`);
    case 'too-many':
      return refuse('oversize', `data has more than ${limits.maxKeys} fields: send fewer`);
    case 'number':
      return refuse('invalid', `${fault.path} is beyond 2^53, where numbers lose digits: send it as text`);
  }
}

const carriedTenant = (envelope: Members): string | undefined => {
  const tenant = envelope['tenant'];
  return typeof tenant === 'string' && tenant !== '' && tenant.length <= 200 && !unprintable.test(tenant)
    ? tenant
    : undefined;
};

const carriedReceipt = (envelope: Members): EpochMs | undefined => {
  const text = envelope['receivedtime'];
  const at = typeof text === 'string' ? parseInstant(text) : undefined;
  return at === undefined ? undefined : epochMs(at);
};

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** What was sent, short enough for a detail and harmless in a log line. */
function show(value: unknown): string {
  if (typeof value !== 'string') return nameOf(value);
  const short = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(short.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '?'));
}
