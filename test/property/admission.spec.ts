import fc from 'fast-check';
import { decodeEvent, defaultAdmissionLimits, encodeEvent, readEvent } from '#contracts';
import type { Admission } from '#domain';
import { epochMs, eventTypes, rejectReasons, tenantId } from '#domain';
import '../support/seed.js';

const now = epochMs(Date.UTC(2026, 2, 1));
const arrival = { ...defaultAdmissionLimits, tenant: tenantId('default'), now, receivedAt: now };

/** Mostly right events with some fields replaced by anything at all: reaches further than noise does. */
const almostEvent = fc.record(
  {
    specversion: fc.oneof({ weight: 9, arbitrary: fc.constant('1.0') }, fc.jsonValue()),
    id: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, fc.string({ unit: 'binary' }), fc.jsonValue()),
    source: fc.oneof({ weight: 9, arbitrary: fc.webUrl() }, fc.jsonValue()),
    type: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...eventTypes, 'Order Completed') }, fc.jsonValue()),
    subject: fc.oneof({ weight: 9, arbitrary: fc.string({ minLength: 1, unit: 'grapheme' }) }, fc.jsonValue()),
    time: fc.oneof(
      {
        weight: 9,
        arbitrary: fc.integer({ min: -9_000_000_000, max: 300_000 }).map((ms) => new Date(now + ms).toISOString()),
      },
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.jsonValue(),
    ),
    tenant: fc.string(),
    receivedtime: fc.oneof(fc.constant('2026-02-28T00:00:00Z'), fc.jsonValue()),
    data: fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record(
          {
            amount: fc.oneof(
              { weight: 9, arbitrary: fc.double({ min: -1e9, max: 1e9 }) },
              fc.double(),
              fc.constant(null),
            ),
            platform: fc.string(),
            channel: fc.string(),
            appVersion: fc.string(),
            attributes: fc.dictionary(fc.string(), fc.jsonValue()),
            ['__proto__']: fc.jsonValue(),
            extra: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
      },
      fc.jsonValue(),
    ),
  },
  { requiredKeys: ['id', 'type', 'subject'] },
);

function hasSound(admission: Admission): boolean {
  if (admission.kind === 'admitted') return true;
  return rejectReasons.includes(admission.reason) && admission.detail.length > 10 && admission.detail.length < 1_000;
}

const ownKeysEverywhere = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...ownKeysEverywhere(inner)])
    : [];

describe('admission', () => {
  it('answers any bytes under any headers and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 500 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom('ce_specversion', 'ce_id', 'ce-type', '__proto__')),
          fc.string(),
        ),
        (bytes, headers) => hasSound(decodeEvent(bytes, headers, arrival)),
      ),
      { numRuns: 2_000 },
    );
  });

  it('gives every refusal of an almost right event a reason of the closed list', () => {
    fc.assert(
      fc.property(almostEvent, (event) =>
        hasSound(decodeEvent(new TextEncoder().encode(JSON.stringify(event)), {}, arrival)),
      ),
      { numRuns: 2_000 },
    );
  });

  it('reads back what it wrote: an admitted event survives the log unchanged', () => {
    let admitted = 0;
    fc.assert(
      fc.property(almostEvent, (event) => {
        const first = decodeEvent(new TextEncoder().encode(JSON.stringify(event)), {}, arrival);
        if (first.kind === 'rejected') return;
        admitted += 1;
        const again = decodeEvent(encodeEvent(first.event), {}, { ...arrival, trusted: true });
        expect(again).toEqual(first);
      }),
      { numRuns: 3_000 },
    );
    // Otherwise the property would hold for want of events.
    expect(admitted).toBeGreaterThan(300);
  });

  it('leaves the prototype of objects clean', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const hostile = fc.constantFrom('__proto__', 'constructor', 'prototype', 'kept');
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.array(fc.tuple(hostile, tie('node')), { maxLength: 3 }).map((entries) => {
          const made = Object.create(null) as Record<string, unknown>;
          for (const [key, value] of entries) made[key] = value;
          return made;
        }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (data) => {
        const event = { id: 'e', type: 'app_open', subject: 'c', data };
        const admission = readEvent(JSON.parse(JSON.stringify(event)), arrival);
        if (admission.kind === 'admitted') {
          const names = ownKeysEverywhere(admission.event.attributes);
          expect(names.filter((name) => name !== 'kept')).toEqual([]);
          expect(Object.getPrototypeOf(admission.event.attributes)).toBe(Object.prototype);
        }
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
      }),
    );
  });
});
