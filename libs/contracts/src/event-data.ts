import type { ActivityEvent } from '#domain';
import { makeSafe } from './json-shape.js';
import type { ShapeFault } from './json-shape.js';
import type { AdmissionLimits } from './limits.js';
import { isObject, kindOf, parseJson, plainText, refuse, show } from './reading.js';
import type { Read, Refusal } from './reading.js';

type Members = Readonly<Record<string, unknown>>;

/** The envelope's `data`, wherever CloudEvents lets it stand. */
export function payloadOf(envelope: Members): Read<Members> {
  const { datacontenttype: contentType, data, data_base64: base64 } = envelope;
  if (typeof contentType === 'string' && !/^[^;]*\bjson\s*(;|$)/i.test(contentType))
    return { refusal: refuse('invalid', `datacontenttype is ${show(contentType)}: only JSON data is understood`) };
  if (data !== undefined && data !== null) {
    if (isObject(data)) return { value: data };
    return { refusal: refuse('invalid', `data is ${kindOf(data)}, it must be an object`) };
  }
  if (base64 === undefined || base64 === null) return { value: {} };
  const decoded = typeof base64 === 'string' ? parseJson(Buffer.from(base64, 'base64')) : null;
  if (decoded !== null && 'value' in decoded && isObject(decoded.value)) return { value: decoded.value };
  return { refusal: refuse('invalid', 'data_base64 does not hold a JSON object: send it as data') };
}

export type EventData = Pick<ActivityEvent, 'amount' | 'platform' | 'channel' | 'appVersion' | 'attributes'>;

/** What the event says beyond who, what and when; fields without a place of their own become attributes. */
export function readData(data: Members, limits: AdmissionLimits): Read<EventData> {
  const amount = readAmount(data['amount']);
  if ('refusal' in amount) return amount;
  const platform = readText(data['platform'], 'data.platform', limits);
  if ('refusal' in platform) return platform;
  const channel = readText(data['channel'], 'data.channel', limits);
  if ('refusal' in channel) return channel;
  const appVersion = readText(data['appVersion'] ?? data['app_version'], 'data.appVersion', limits);
  if ('refusal' in appVersion) return appVersion;
  const nested = data['attributes'];
  if (nested !== undefined && nested !== null && !isObject(nested))
    return { refusal: refuse('invalid', `data.attributes is ${kindOf(nested)}, it must be an object`) };
  const attributes = readAttributes(unplaced(data, nested ?? {}), limits);
  if ('refusal' in attributes) return attributes;
  return {
    value: {
      amount: amount.value,
      platform: platform.value,
      channel: channel.value,
      appVersion: appVersion.value,
      attributes: attributes.value,
    },
  };
}

const placed: ReadonlySet<string> = new Set([
  'amount',
  'platform',
  'channel',
  'appVersion',
  'app_version',
  'attributes',
]);

/** `nested` with the fields of `data` that have no place of their own; those in `nested` win. */
function unplaced(data: Members, nested: Members): Record<string, unknown> {
  const others = Object.entries(data).filter(([name]) => !placed.has(name));
  // `fromEntries` and spreading define members where assigning would reach the prototype.
  return others.length === 0 ? { ...nested } : { ...Object.fromEntries(others), ...nested };
}

function readAmount(value: unknown): Read<number | null> {
  if (value === undefined || value === null) return { value: null };
  if (typeof value !== 'number' || Number.isNaN(value))
    return { refusal: refuse('invalid', `data.amount is ${kindOf(value)}, it must be a number or left out`) };
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return { refusal: refuse('invalid', 'data.amount is beyond 2^53, where numbers lose digits: check its unit') };
  // Not -0, which JSON cannot carry.
  return { value: value + 0 };
}

function readText(value: unknown, field: string, limits: AdmissionLimits): Read<string> {
  if (value === undefined || value === null) return { value: '' };
  if (typeof value !== 'string')
    return { refusal: refuse('invalid', `${field} is ${kindOf(value)}, it must be text: put it in quotes`) };
  return plainText(value, field, limits.maxIdLength);
}

function readAttributes(attributes: Record<string, unknown>, limits: AdmissionLimits): Read<Members> {
  const { fault, mostBytes } = makeSafe(attributes, 'attributes', limits.maxDepth, limits.maxKeys);
  if (fault !== null) return { refusal: refusalOf(fault, limits) };
  if (mostBytes <= limits.maxAttributesBytes) return { value: attributes };
  const bytes = Buffer.byteLength(JSON.stringify(attributes));
  if (bytes <= limits.maxAttributesBytes) return { value: attributes };
  const detail = `attributes are ${bytes} bytes as JSON, at most ${limits.maxAttributesBytes} are kept: send fewer fields`;
  return { refusal: refuse('oversize', detail) };
}

function refusalOf(fault: ShapeFault, limits: AdmissionLimits): Refusal {
  switch (fault.kind) {
    case 'too-deep':
      return refuse('too-deep', `attributes are nested deeper than ${limits.maxDepth} levels: flatten them`);
    case 'too-many':
      return refuse('oversize', `attributes have more than ${limits.maxKeys} fields: send fewer`);
    case 'number':
      return refuse('invalid', `${fault.path} is beyond 2^53, where numbers lose digits: send it as text`);
  }
}
