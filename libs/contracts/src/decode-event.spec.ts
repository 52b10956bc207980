import type { Admission } from '#domain';
import { customerId, DAY, epochMs, tenantId } from '#domain';
import { encodeEvent } from './codec.js';
import { decodeEvent } from './decode-event.js';
import { defaultAdmissionLimits } from './limits.js';

const now = epochMs(Date.UTC(2026, 2, 1, 12));
const limits = { ...defaultAdmissionLimits, tenant: tenantId('default'), now, receivedAt: now };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const opened = {
  specversion: '1.0',
  id: 'e1',
  source: 'shop-app',
  type: 'app_open',
  subject: 'ada',
  time: '2026-03-01T11:59:00Z',
  data: { platform: 'ios', channel: 'app-store', appVersion: '2.1.0', screen: 'home' },
};
const decode = (event: unknown, over: object = {}): Admission =>
  decodeEvent(bytes(JSON.stringify(event)), {}, { ...limits, ...over });
const admitted = (admission: Admission) => {
  if (admission.kind === 'rejected') throw new Error(`rejected: ${admission.reason}: ${admission.detail}`);
  return admission.event;
};
const refusalOf = (admission: Admission): string =>
  admission.kind === 'rejected' ? `${admission.reason}: ${admission.detail}` : 'admitted';

describe('an event in structured mode', () => {
  it('is read with its places, the rest becoming attributes', () => {
    expect(admitted(decode(opened))).toEqual({
      tenant: 'default',
      id: 'e1',
      source: 'shop-app',
      type: 'app_open',
      customer: 'ada',
      occurredAt: Date.UTC(2026, 2, 1, 11, 59),
      receivedAt: now,
      amount: null,
      platform: 'ios',
      channel: 'app-store',
      appVersion: '2.1.0',
      attributes: { screen: 'home' },
    });
  });

  it('happened when it arrived if it says no time, and comes from "unknown" if it names no source', () => {
    const { time: _time, source: _source, ...bare } = opened;
    expect(admitted(decode(bare))).toMatchObject({ occurredAt: now, source: 'unknown' });
  });

  it('understands other names of the types and app_version', () => {
    const event = admitted(decode({ ...opened, type: 'Order Completed', data: { amount: 12.5, app_version: '3' } }));
    expect(event).toMatchObject({ type: 'order', amount: 12.5, appVersion: '3', attributes: {} });
  });

  it('reads data_base64', () => {
    const { data, ...rest } = opened;
    const event = admitted(decode({ ...rest, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') }));
    expect(event.platform).toBe('ios');
  });

  it('drops members that would reach a prototype, at every depth', () => {
    const text = JSON.stringify(opened).replace(
      '"screen":"home"',
      '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"deep":{"__proto__":{"polluted":1},"kept":1}',
    );
    const event = admitted(decodeEvent(bytes(text), {}, limits));
    expect(event.attributes).toEqual({ deep: { kept: 1 } });
    expect(Object.getPrototypeOf(event.attributes)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('keeps its own tenant and time of receipt only where they can be trusted', () => {
    const event = { ...admitted(decode(opened)), tenant: tenantId('acme'), receivedAt: epochMs(now - 5_000) };
    expect(admitted(decodeEvent(encodeEvent(event), {}, { ...limits, trusted: true }))).toEqual(event);
    expect(admitted(decodeEvent(encodeEvent(event), {}, limits))).toMatchObject({ tenant: 'default', receivedAt: now });
  });
});

describe('an event in binary mode', () => {
  const attributes = { specversion: '1.0', id: 'e2', source: 'shop', type: 'order', subject: 'ada' };
  const headers = (prefix: string) =>
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prefix + name, value]));

  it('is read from Kafka headers', () => {
    const event = admitted(decodeEvent(bytes('{"amount":3}'), headers('ce_'), limits));
    expect(event).toMatchObject({ id: 'e2', type: 'order', customer: customerId('ada'), amount: 3 });
  });

  it('is read from HTTP headers, which are percent-encoded', () => {
    const event = admitted(
      decodeEvent(bytes('{}'), { ...headers('ce-'), 'ce-subject': 'M%C3%BCller%20100%25' }, limits),
    );
    expect(event.customer).toBe('Müller 100%');
  });

  it('may have no body at all', () => {
    expect(admitted(decodeEvent(new Uint8Array(), headers('ce_'), limits)).attributes).toEqual({});
  });
});

describe('a refusal names the field and the fix', () => {
  const deep = (levels: number): object => (levels === 1 ? {} : { in: deep(levels - 1) });
  const { id: _id, ...withoutId } = opened;
  const { subject: _subject, ...withoutSubject } = opened;
  const cases: readonly (readonly [string, Admission, string])[] = [
    [
      'no bytes',
      decodeEvent(new Uint8Array(), {}, limits),
      'malformed: the record is empty: send a CloudEvent as JSON',
    ],
    ['broken JSON', decodeEvent(bytes('{"id":'), {}, limits), 'malformed: the text is no JSON'],
    [
      'no UTF-8',
      decodeEvent(Uint8Array.of(0x7b, 0xff, 0x7d), {}, limits),
      'malformed: the bytes are no UTF-8: send JSON encoded as UTF-8',
    ],
    ['a list', decode([]), 'malformed: an event is a JSON object, this is a list'],
    [
      'another version',
      decode({ ...opened, specversion: '0.3' }),
      'invalid: specversion is "0.3": only "1.0" is understood',
    ],
    ['no id', decode(withoutId), 'invalid: id is missing: give every event an id unique within its source'],
    ['a numeric id', decode({ ...opened, id: 7 }), 'invalid: id is a number, it must be text: put it in quotes'],
    ['no subject', decode(withoutSubject), 'invalid: subject is missing: put the customer’s id there'],
    ['a long id', decode({ ...opened, id: 'x'.repeat(201) }), 'invalid: id has 201 characters, at most 200 are taken'],
    [
      'control characters',
      decode({ ...opened, subject: 'a\u0000b' }),
      'invalid: subject holds control characters or broken Unicode: remove them',
    ],
    [
      'half a surrogate pair',
      decode({ ...opened, subject: '\ud800' }),
      'invalid: subject holds control characters or broken Unicode: remove them',
    ],
    [
      'a misspelt type',
      decode({ ...opened, type: 'app_opne' }),
      'unknown-type: type "app_opne" is not known: did you mean "app_open"?',
    ],
    [
      'a strange type',
      decode({ ...opened, type: 'quux' }),
      'unknown-type: type "quux" is not known: see docs/schemas/event.json for those known',
    ],
    [
      'a time that never was',
      decode({ ...opened, time: '2026-02-30T00:00:00Z' }),
      'invalid: time is "2026-02-30T00:00:00Z": write an RFC 3339 instant such as "2026-03-01T09:30:00Z", or leave it out',
    ],
    [
      'a numeric time',
      decode({ ...opened, time: 1_772_000_000 }),
      'invalid: time is a number: write an RFC 3339 instant such as "2026-03-01T09:30:00Z", or leave it out',
    ],
    [
      'history',
      decode({ ...opened, time: '2020-01-01T00:00:00Z' }),
      'too-old: time 2020-01-01T00:00:00.000Z is more than 400 days ago: import history with the command line',
    ],
    [
      'the future',
      decode({ ...opened, time: '2026-03-01T12:05:01Z' }),
      'from-future: time 2026-03-01T12:05:01.000Z is ahead of 2026-03-01T12:00:00.000Z: set the producer’s clock, at most 300 s are tolerated',
    ],
    ['data that is text', decode({ ...opened, data: 'home' }), 'invalid: data is a string, it must be an object'],
    [
      'data that is XML',
      decode({ ...opened, datacontenttype: 'text/xml' }),
      'invalid: datacontenttype is "text/xml": only JSON data is understood',
    ],
    [
      'an amount in quotes',
      decode({ ...opened, data: { amount: '12' } }),
      'invalid: data.amount is a string, it must be a number or left out',
    ],
    [
      'an infinite amount',
      decodeEvent(
        bytes(JSON.stringify({ ...opened, data: { amount: 1 } }).replace('"amount":1', '"amount":1e999')),
        {},
        limits,
      ),
      'invalid: data.amount is beyond 2^53, where numbers lose digits: check its unit',
    ],
    [
      'an attribute beyond 2^53',
      decode({ ...opened, data: { cart: { sku: 9_007_199_254_740_992 } } }),
      'invalid: attributes.cart.sku is beyond 2^53, where numbers lose digits: send it as text',
    ],
    [
      'a numeric version',
      decode({ ...opened, data: { appVersion: 2 } }),
      'invalid: data.appVersion is a number, it must be text: put it in quotes',
    ],
    [
      'deep nesting',
      decode({ ...opened, data: { nested: deep(8) } }),
      'too-deep: attributes are nested deeper than 8 levels: flatten them',
    ],
    [
      'many fields',
      decode({ ...opened, data: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`f${i}`, 0])) }),
      'oversize: attributes have more than 256 fields: send fewer',
    ],
    [
      'large attributes',
      decode({ ...opened, data: { note: 'n'.repeat(4_096) } }),
      'oversize: attributes are 4107 bytes as JSON, at most 4096 are kept: send fewer fields',
    ],
    [
      'a large record',
      decode({ ...opened, data: { note: 'n'.repeat(100) } }, { maxBytes: 100 }),
      'oversize: the event is 234 bytes, at most 100 are taken: move large fields elsewhere',
    ],
  ];
  it.each(cases)('%s', (_what, admission, expected) => {
    expect(refusalOf(admission).slice(0, expected.length)).toBe(expected);
  });

  it('and never repeats what a malformed record held', () => {
    expect(refusalOf(decodeEvent(bytes('{"secret":"ada@example.org" position 12'), {}, limits))).not.toContain('ada');
  });
});

describe('the limits are inclusive', () => {
  const nested = (levels: number): object => (levels === 1 ? {} : { in: nested(levels - 1) });
  it.each([
    ['an id of 200 characters', { ...opened, id: 'x'.repeat(200) }],
    ['8 levels of attributes', { ...opened, data: { in: nested(7) } }],
    ['4096 bytes of attributes', { ...opened, data: { note: 'n'.repeat(4_085) } }],
    ['an age of 400 days', { ...opened, time: new Date(now - 400 * DAY).toISOString() }],
    ['five minutes ahead', { ...opened, time: '2026-03-01T12:05:00Z' }],
  ])('%s', (_what, event) => {
    expect(refusalOf(decode(event))).toBe('admitted');
  });
});
