import type { Condition, NumberExpr } from './condition.js';
import { textOf, weigh } from './weigh.js';

const signal = (name: string): NumberExpr => ({ kind: 'signal', name });
const number = (value: number): NumberExpr => ({ kind: 'number', value });
const times = (left: NumberExpr, right: NumberExpr): NumberExpr => ({ kind: 'arithmetic', op: '*', left, right });
const over = (left: NumberExpr, right: NumberExpr): Condition => ({ kind: 'compare', op: '>', left, right });
const beyondRhythm = over(signal('silent_days'), times(number(3), signal('usual_gap_days')));

describe('weighing a condition', () => {
  it('shows the numbers on both sides of each comparison, in reading order', () => {
    const condition: Condition = { kind: 'and', left: beyondRhythm, right: over(signal('silent_days'), number(5)) };
    expect(weigh(condition, { silent_days: 9, usual_gap_days: 1.5 })).toEqual({
      text: 'silent_days > 3.0 * usual_gap_days && silent_days > 5.0',
      holds: true,
      comparisons: [
        { text: 'silent_days > 3.0 * usual_gap_days', left: 9, right: 4.5, holds: true },
        { text: 'silent_days > 5.0', left: 9, right: 5, holds: true },
      ],
    });
  });

  it.each([
    ['an unknown signal', { silent_days: 9, usual_gap_days: null }, null],
    ['a signal that is not there', { silent_days: 9 }, null],
    ['one that decides alone', { silent_days: 1, usual_gap_days: null }, false],
  ])('follows three-valued logic: %s', (_what, signals, holds) => {
    const condition: Condition = { kind: 'and', left: beyondRhythm, right: over(signal('silent_days'), number(5)) };
    expect(weigh(condition, signals).holds).toBe(holds);
  });

  it('knows nothing of what is divided by zero', () => {
    const share = over({ kind: 'arithmetic', op: '/', left: number(1), right: signal('orders') }, number(0));
    expect(weigh(share, { orders: 0 }).holds).toBeNull();
    expect(weigh({ kind: 'not', of: share }, { orders: 0 }).holds).toBeNull();
    expect(weigh({ kind: 'or', left: share, right: { kind: 'always', value: true } }, { orders: 0 }).holds).toBe(true);
  });

  it.each<[string, Condition | NumberExpr]>([
    ['(a + b) * c', times({ kind: 'arithmetic', op: '+', left: signal('a'), right: signal('b') }, signal('c'))],
    [
      'a - (b - c)',
      {
        kind: 'arithmetic',
        op: '-',
        left: signal('a'),
        right: { kind: 'arithmetic', op: '-', left: signal('b'), right: signal('c') },
      },
    ],
    ['!(a > 1.0)', { kind: 'not', of: over(signal('a'), number(1)) }],
    ['-a', { kind: 'negate', of: signal('a') }],
  ])('writes %s with just the parentheses it needs', (text, node) => expect(textOf(node)).toBe(text));
});
