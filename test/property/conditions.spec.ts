import fc from 'fast-check';
import type { Signal } from '#domain';
import { textOf } from '#domain';
import { conditionReader } from '../../libs/pipeline/src/rulebook/condition-text.js';
import { conditionsOver } from '../support/random-packs.js';
import '../support/seed.js';

const about = { unit: '', description: { en: '', zh: '' } };
const lookback = { fromMs: 86_400_000, toMs: 0 };
const signals: readonly Signal[] = [
  { ...about, name: 'crashes', kind: 'count', events: ['crash'], lookback },
  { ...about, name: 'spend', kind: 'sum', events: ['order'], lookback },
  { ...about, name: 'silent_days', kind: 'silence', events: ['order'] },
];
const read = conditionReader(signals);

describe('conditions as text', () => {
  it('written down and read again, are what they were', () => {
    fc.assert(
      fc.property(conditionsOver(signals), (condition) => {
        expect(read(textOf(condition))).toEqual({ ok: true, condition });
      }),
      { numRuns: 2_000 },
    );
  });

  // What gets through is nothing but what can be written down again: there is no way around the closed lists of names.
  it('any text is refused with its place, or means exactly what its reading says', () => {
    const pieces = fc.constantFrom(
      ...'crashes spend silent_days unknown 1.0 7 1e309 "x" true null > <= == && || ! - + * / % ? : ( ) [0] .a {x:1} in'.split(
        ' ',
      ),
      "'; DROP TABLE t; --",
      '\\',
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(pieces, { maxLength: 12 }).map((some) => some.join(' ')),
      fc
        .tuple(conditionsOver(signals).map(textOf), fc.oneof(fc.constant(' '), pieces), fc.nat(60))
        .map(([text, piece, at]) => text.slice(0, at) + piece + text.slice(at)),
    );
    let taken = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const reading = read(text);
        if (!reading.ok) {
          expect(reading.complaint.message).not.toBe('');
          expect(reading.complaint.at).toBeGreaterThanOrEqual(0);
          return;
        }
        taken += 1;
        expect(read(textOf(reading.condition))).toEqual(reading);
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});
