import { customerId, isoOf, tenantId } from '#domain';
import type { ActivityEvent, Admission, EpochMs } from '#domain';
import { payloadOf, readData } from './event-data.js';
import { closestEventType, eventTypeNamed } from './event-names.js';
import { parseInstant } from './event-time.js';
import { isObject, isPlain, kindOf, parseJson, plainText, refuse, show } from './reading.js';
import type { Read, Refusal } from './reading.js';
import type { AdmissionLimits, Arrival } from './limits.js';

type Members = Readonly<Record<string, unknown>>;

/** Name of the source of events that do not say where they come from. */
export const unnamedSource = 'unknown';

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
  const envelope = envelopeOf(value, headers);
  return 'refusal' in envelope ? envelope.refusal : readEvent(envelope.value, limits);
}

/** The envelope of a record in either mode, as far as its bytes are JSON; nothing in it is checked yet. */
export function envelopeOf(value: Uint8Array, headers: Readonly<Record<string, string>>): Read<unknown> {
  const attributes = binaryAttributes(headers);
  if (attributes !== null && value.byteLength === 0) return { value: attributes };
  const body = parseJson(value);
  if ('refusal' in body || attributes === null) return body;
  return { value: { ...attributes, data: body.value } };
}

/** The same for an envelope that was parsed already. May alter `envelope`: it is made safe in place. */
export function readEvent(envelope: unknown, limits: AdmissionLimits & Arrival): Admission {
  if (!isObject(envelope)) return refuse('malformed', `an event is a JSON object, this is ${kindOf(envelope)}`);
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
    if (name.length < 4 || (name.charCodeAt(0) | 0x20) !== 0x63) continue;
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

function readName(value: unknown, field: string, fix: string, limits: AdmissionLimits): Read<string> {
  if (value === undefined || value === null || value === '')
    return { refusal: refuse('invalid', `${field} is missing: ${fix}`) };
  if (typeof value !== 'string')
    return { refusal: refuse('invalid', `${field} is ${kindOf(value)}, it must be text: put it in quotes`) };
  return plainText(value, field, limits.maxIdLength);
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

const carriedTenant = (envelope: Members): string | undefined => {
  const tenant = envelope['tenant'];
  return typeof tenant === 'string' && tenant !== '' && tenant.length <= 200 && isPlain(tenant) ? tenant : undefined;
};

const carriedReceipt = (envelope: Members): EpochMs | undefined => {
  const text = envelope['receivedtime'];
  return typeof text === 'string' ? parseInstant(text) : undefined;
};
