import fc from 'fast-check';
import type { Condition, NumberExpr, Signal } from '#domain';
import { conditionReader, nameComplaint } from './condition-text.js';

const about = { unit: '', description: { en: '', zh: '' }, events: ['order'] } as const;
const signals: readonly Signal[] = [
  { ...about, name: 'orders', kind: 'count', lookback: { fromMs: 3_600_000, toMs: 0 } },
  { ...about, name: 'spend', kind: 'sum', lookback: { fromMs: 3_600_000, toMs: 0 } },
  { ...about, name: 'silent', kind: 'silence' },
];
const read = conditionReader(signals);

/** Writes a condition out with every bracket, so that no order of precedence can change it. */
function rendered(node: Condition | NumberExpr): string {
  switch (node.kind) {
    case 'always':
      return String(node.value);
    case 'number':
      return Number.isInteger(node.value) && node.value < 1e15 ? `${node.value}.0` : String(node.value);
    case 'signal':
      return node.name;
    case 'negate':
      return `(-(${rendered(node.of)}))`;
    case 'not':
      return `(!${rendered(node.of)})`;
    case 'and':
      return `(${rendered(node.left)} && ${rendered(node.right)})`;
    case 'or':
      return `(${rendered(node.left)} || ${rendered(node.right)})`;
    case 'compare':
    case 'arithmetic':
      return `(${rendered(node.left)} ${node.op} ${rendered(node.right)})`;
  }
}

/** What people mean to write, and what they slip in between. */
const words = (
  'orders spend silent ordrs 1.0 2 0.5 1e3 3u 0x1F true false null < <= > >= == != + - * / % && || ! ( ) ? : , . [ ] ' +
  `'x' " ' ; -- /* */ // # {tenant:String} \\ \` $db 客户 \u0000 \u202e`
).split(' ');
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(' ')),
  fc
    .tuple(
      fc.constantFrom('orders', 'spend * 2.0', '-silent', '1 + 2'),
      fc.constantFrom('<', '>=', '=='),
      fc.constantFrom(...words),
    )
    .map((parts) => parts.join(' ')),
);

describe('the text of a condition', () => {
  it('is either refused, with a place inside the text, or says the same when written out and read again', () => {
    let accepted = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = read(text);
        if (!parsed.ok) {
          expect(parsed.complaint.message).not.toBe('');
          expect(parsed.complaint.at).toBeGreaterThanOrEqual(0);
          expect(parsed.complaint.at).toBeLessThanOrEqual(text.length);
          return;
        }
        accepted++;
        expect(read(rendered(parsed.condition))).toEqual(parsed);
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it.each([
    ['orders > 2 && spend < 1.0 || silent > 3.0', '(((orders > 2.0) && (spend < 1.0)) || (silent > 3.0))'],
    ['!(orders - 1.0 - 2.0 > -spend)', '(!(((orders - 1.0) - 2.0) > (-(spend))))'],
    ['orders + 2.0 * spend >= 1e3', '((orders + (2.0 * spend)) >= 1000.0)'],
  ])('binds as CEL does: %s', (text, full) => {
    const parsed = read(text);
    expect(parsed.ok && rendered(parsed.condition)).toBe(full);
  });

  it('ends within bounds, whatever is piled up', () => {
    expect(read(`${'('.repeat(5_000)}orders > 1.0${')'.repeat(5_000)}`).ok).toBe(false);
    expect(read(Array.from({ length: 500 }, () => 'orders > 1.0').join(' && ')).ok).toBe(false);
  });

  it('says which names conditions cannot use', () => {
    expect(['orders', 'and', 'select', 'events'].map(nameComplaint)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(nameComplaint('in')).toContain('"in" cannot be the name of a signal');
  });
});
