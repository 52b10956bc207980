import fc from 'fast-check';
import type { AdmissionLimits, Arrival } from '#contracts';
import {
  decodeEvent,
  defaultAdmissionLimits,
  encodeEvent,
  segmentCallOf,
  segmentEnvelope,
  readEvent,
} from '#contracts';
import type { Admission } from '#domain';
import { epochMs, rejectReasons, tenantId } from '#domain';
import type { KeptLetter } from '#pipeline';
import { mended } from '../../libs/pipeline/src/letters/mend.js';
import { itemsOfEvents, itemsOfSegment } from '../../apps/gateway/src/http/intake-request.js';
import { RequestProblem } from '../../apps/gateway/src/http/problem.js';
import '../support/seed.js';

const now = epochMs(Date.UTC(2026, 2, 1));
const circumstances: AdmissionLimits & Arrival = {
  ...defaultAdmissionLimits,
  tenant: tenantId('default'),
  now,
  receivedAt: now,
};
const right = {
  specversion: '1.0',
  id: 'e1',
  source: 'shop',
  type: 'order',
  subject: 'ada',
  time: '2026-02-28T09:30:00Z',
  data: { amount: 42.5, platform: 'ios', attributes: { basket: { items: [1, 2, 3] } } },
};

const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
const members = () => prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String));
const before = JSON.stringify(members());
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** Nobody throws, the reason is of the list, and whoever keeps the outcome can: in UTF-8, in JSON, in a log line. */
function check(admission: Admission): void {
  if (admission.kind === 'rejected') {
    expect(rejectReasons).toContain(admission.reason);
    expect(admission.detail).not.toMatch(unprintable);
    expect(admission.detail.length).toBeGreaterThan(10);
    expect(admission.detail.length).toBeLessThanOrEqual(501);
    return;
  }
  const { event } = admission;
  for (const text of [event.id, event.source, event.customer, event.platform, event.channel, event.appVersion]) {
    expect(text).not.toMatch(unprintable);
    expect(text.length).toBeLessThanOrEqual(circumstances.maxIdLength);
  }
  expect(event.amount === null || Number.isFinite(event.amount)).toBe(true);
  expect(event.occurredAt).toBeGreaterThanOrEqual(now - circumstances.maxAgeMs);
  expect(event.occurredAt).toBeLessThanOrEqual(now + circumstances.maxAheadMs);
  // What was taken in can be read again from the topic it goes to, so no acknowledged event is buried later.
  const again = decodeEvent(encodeEvent(event), {}, { ...circumstances, trusted: true });
  expect(again).toEqual(admission);
}

const bytesOf = (value: unknown): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** A record in every way in: from the log, over HTTP in its modes, as Segment's calls, and as a letter that is mended. */
function everyWayIn(bytes: Buffer, headers: Readonly<Record<string, string>> = {}): void {
  check(decodeEvent(bytes, headers, circumstances));
  check(decodeEvent(bytes, headers, { ...circumstances, trusted: true }));
  check(decodeEvent(bytes, { ...headers, ce_specversion: '1.0', ce_id: 'b' }, circumstances));
  const httpHeaders = { 'content-type': 'application/json' };
  for (const items of [
    () => itemsOfEvents(bytes, httpHeaders),
    () => itemsOfEvents(bytes, { 'content-type': 'application/cloudevents-batch+json' }),
    () => itemsOfEvents(bytes, { ...httpHeaders, 'ce-specversion': '1.0', 'ce-id': '%', 'ce-subject': '%ff' }),
    () => itemsOfSegment('track', bytes),
    () => itemsOfSegment('batch', bytes),
  ]) {
    try {
      for (const item of items().slice(0, 50)) check(item.read(circumstances));
    } catch (error) {
      // A request that holds no items at all is refused as a whole, in words.
      if (!(error instanceof RequestProblem)) throw error;
      expect([400, 415, 422]).toContain(error.getStatus());
    }
  }
  const mending = { set: { type: 'login', 'data.attributes.x': 1 }, rename: { 'data.amount': 'data.attributes.was' } };
  const letter = { value: bytes, headers } as unknown as KeptLetter;
  const read = mended(letter, mending);
  if ('value' in read) check(readEvent(read.value, circumstances));
}

const nested = (depth: number, open: string, close: string): string => `${open.repeat(depth)}1${close.repeat(depth)}`;

/** What has broken parsers before. */
const nasty: readonly (readonly [string, string | Buffer])[] = [
  ['nothing', ''],
  ['one NUL', '\0'],
  ['NUL inside', JSON.stringify({ ...right, id: 'a\0b' })],
  ['NULs around', `\0${JSON.stringify(right)}\0`],
  ['a byte order mark', `\uFEFF${JSON.stringify(right)}`],
  ['UTF-16', Buffer.from(JSON.stringify(right), 'utf16le')],
  ['half a surrogate pair as escape', JSON.stringify(right).replace('ada', '\\ud800')],
  [
    'half a surrogate pair in bytes',
    Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  ],
  [
    'half a pair as the name of what is refused',
    '{"id":"a","type":"order","subject":"b","data":{"\\ud800\\u0000\\u2028":1e300}}',
  ],
  [
    'a name of 60,000 characters as what is refused',
    JSON.stringify({ ...right, data: { ['x'.repeat(60_000)]: 1e300 } }),
  ],
  ['an overlong encoding', Buffer.from([0xc0, 0x80])],
  ['cut in the middle of a character', Buffer.from(JSON.stringify({ ...right, subject: '客' })).subarray(0, 80)],
  ['10 MB of one text', JSON.stringify({ ...right, data: { note: 'x'.repeat(10 << 20) } })],
  ['10 MB of spaces', ' '.repeat(10 << 20)],
  ['lists a hundred thousand deep', nested(100_000, '[', ']')],
  ['objects a hundred thousand deep', nested(100_000, '{"a":', '}')],
  ['objects deep within the data', JSON.stringify(right).replace('42.5', '1,"x":' + nested(9_000, '{"a":', '}'))],
  ['lists deep within the data', JSON.stringify(right).replace('42.5', '1,"x":' + nested(25_000, '[', ']'))],
  ['deep where a name belongs', JSON.stringify(right).replace('"ada"', nested(20_000, '[', ']'))],
  [
    'very many members',
    JSON.stringify({ ...right, data: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [n, n])) }),
  ],
  ['__proto__ at the top', '{"__proto__":{"polluted":1},"id":"a","type":"order","subject":"b"}'],
  ['__proto__ in the data', '{"id":"a","type":"order","subject":"b","data":{"__proto__":{"polluted":1},"x":1}}'],
  [
    '__proto__ in the attributes',
    '{"id":"a","type":"order","subject":"b","data":{"attributes":{"a":{"__proto__":{"polluted":1}}}}}',
  ],
  [
    'constructor.prototype',
    '{"id":"a","type":"order","subject":"b","data":{"constructor":{"prototype":{"polluted":1}}}}',
  ],
  ['__proto__ for every field', '{"__proto__":{"id":"a","type":"order","subject":"b"}}'],
  ['names twice', '{"id":"a","id":"b","type":"order","type":"nonsense","subject":"c","subject":"d"}'],
  ['1970', JSON.stringify({ ...right, time: '1970-01-01T00:00:00Z' })],
  ['before it', JSON.stringify({ ...right, time: '0001-01-01T00:00:00Z' })],
  ['2099', JSON.stringify({ ...right, time: '2099-12-31T23:59:59Z' })],
  ['the last instant there is', JSON.stringify({ ...right, time: '9999-12-31T23:59:60+23:59' })],
  ['30 February', JSON.stringify({ ...right, time: '2026-02-30T00:00:00Z' })],
  ['a time in milliseconds', JSON.stringify({ ...right, time: 1_772_000_000_000 })],
  ['a negative amount', JSON.stringify({ ...right, data: { amount: -42.5 } })],
  ['minus nothing', JSON.stringify(right).replace('42.5', '-0')],
  ['beyond 2^53', JSON.stringify(right).replace('42.5', '9007199254740993')],
  ['beyond all numbers', JSON.stringify(right).replace('42.5', '1e999')],
  ['a number of 60,000 digits', JSON.stringify(right).replace('42.5', '9'.repeat(60_000))],
  ['the least number', JSON.stringify(right).replace('42.5', '5e-324')],
  ['NaN, which is no JSON', JSON.stringify(right).replace('42.5', 'NaN')],
  ['base64 that is none', JSON.stringify({ ...right, data: undefined, data_base64: '\u0000%%%' })],
  ['two documents', `${JSON.stringify(right)}${JSON.stringify(right)}`],
  ['a text', '"order"'],
  ['null', 'null'],
  ['a huge header in a body', '{"specversion":{"toString":1},"id":"a","type":"order","subject":"b"}'],
  [
    'Segment with everything wrong',
    '{"type":"track","event":{},"userId":[],"properties":7,"context":[],"timestamp":{}}',
  ],
  [
    'a Segment batch of anything',
    '{"batch":[null,1,"x",[],{"type":"track"},{"type":"alias"},{"type":"page","properties":{"__proto__":1}}]}',
  ],
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    '\0',
    '\uD800',
    '\uDC00x',
    '\u2028',
    'x'.repeat(300),
    'toString',
  ),
);
const anyNumber = fc.oneof(fc.double(), fc.constantFrom(2 ** 53, -(2 ** 53) - 2, 1e308, -1e308, -0, 5e-324, -42));
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 12, depthSize: 'large' },
    anyText,
    anyNumber,
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(anyText, tie('value')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries) as unknown),
  ),
})).value;

/** A right event with some members replaced, added or dropped. */
const mutated = fc
  .tuple(
    fc.constantFrom<object>(right, {
      type: 'track',
      messageId: 'm',
      userId: 'u',
      event: 'Order Completed',
      properties: { total: 1 },
    }),
    fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom(...Object.keys(right), 'properties', 'userId', 'tenant', 'receivedtime'), anyText),
        anyValue,
      ),
      { maxLength: 3 },
    ),
    fc.array(fc.tuple(fc.oneof(fc.constantFrom('amount', 'attributes', 'platform'), anyText), anyValue), {
      maxLength: 3,
    }),
  )
  .map(([event, outer, inner]) => ({
    ...event,
    data: { ...right.data, ...Object.fromEntries(inner) },
    ...Object.fromEntries(outer),
  }));

/** Cut off, overwritten, doubled: what becomes of bytes on bad days. */
const damaged = fc
  .tuple(mutated, fc.nat(), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 }), fc.boolean())
  .map(([event, cut, overwritten, doubled]) => {
    const bytes = Buffer.from(JSON.stringify(event));
    for (const [place, byte] of overwritten) bytes[place % bytes.length] = byte;
    const whole = doubled ? Buffer.concat([bytes, bytes]) : bytes;
    return cut % 3 === 0 ? whole.subarray(0, cut % whole.length) : whole;
  });

const anyHeaders = fc.dictionary(
  fc.oneof(
    fc.constantFrom('ce_id', 'ce_type', 'ce_time', 'ce_specversion', 'ce-id', 'ce_data', '__proto__'),
    fc.string(),
  ),
  anyText,
);

// Whatever came in before, the prototypes are as they were.
afterEach(() => {
  if (JSON.stringify(members()) !== before) throw new Error('a prototype has changed');
});

describe('hostile input', () => {
  it.each(nasty)('%s', (_, bytes) => everyWayIn(bytesOf(bytes)));

  it('any bytes under any headers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), anyHeaders, (bytes, headers) =>
        everyWayIn(Buffer.from(bytes), headers),
      ),
      { numRuns: 500 },
    );
  });

  it('any JSON where an event belongs', () => {
    fc.assert(
      fc.property(anyValue, anyHeaders, (value, headers) => everyWayIn(Buffer.from(JSON.stringify(value)), headers)),
      { numRuns: 500 },
    );
  });

  it('right events with wrong members', () => {
    let admitted = 0;
    fc.assert(
      fc.property(mutated, (event) => {
        const bytes = Buffer.from(JSON.stringify(event));
        everyWayIn(bytes);
        if (decodeEvent(bytes, {}, circumstances).kind === 'admitted') admitted += 1;
      }),
      { numRuns: 500 },
    );
    // Otherwise nothing would have been said of what is admitted.
    expect(admitted).toBeGreaterThan(40);
  });

  it('damaged records', () => {
    fc.assert(
      fc.property(damaged, (bytes) => everyWayIn(bytes)),
      { numRuns: 500 },
    );
  });

  it('any call of Segment’s', () => {
    fc.assert(
      fc.property(mutated, anyValue, (body, sentAt) => {
        const call = segmentCallOf(body) ?? 'identify';
        check(readEvent(segmentEnvelope(call, body, circumstances, sentAt), circumstances));
      }),
      { numRuns: 500 },
    );
  });
});
