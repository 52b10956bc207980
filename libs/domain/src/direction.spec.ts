import fc from 'fast-check';
import type { Condition, NumberExpr, Push } from '#domain';
import { canTurn } from '#domain';

const names = ['a', 'b', 'c'] as const;
type Values = Readonly<Record<string, number>>;

const numbers: fc.Arbitrary<NumberExpr> = fc.letrec<{ number: NumberExpr }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -3, max: 3 }).map((value): NumberExpr => ({ kind: 'number', value })),
    fc.constantFrom(...names).map((name): NumberExpr => ({ kind: 'signal', name })),
    tie('number').map((of): NumberExpr => ({ kind: 'negate', of })),
    fc
      .tuple(fc.constantFrom('+' as const, '-' as const, '*' as const), tie('number'), tie('number'))
      .map(([op, left, right]): NumberExpr => ({ kind: 'arithmetic', op, left, right })),
  ),
})).number;

const conditions: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!='), numbers, numbers)
      .map(([op, left, right]) => ({ kind: 'compare', op, left, right }) as Condition),
    tie('condition').map((of): Condition => ({ kind: 'not', of })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), tie('condition'), tie('condition'))
      .map(([kind, left, right]): Condition => ({ kind, left, right })),
  ),
})).condition;

function valueOf(expr: NumberExpr, values: Values): number {
  if (expr.kind === 'number') return expr.value;
  if (expr.kind === 'signal') return values[expr.name]!;
  if (expr.kind === 'negate') return -valueOf(expr.of, values);
  const [left, right] = [valueOf(expr.left, values), valueOf(expr.right, values)];
  return expr.op === '+' ? left + right : expr.op === '-' ? left - right : left * right;
}

function holds(condition: Condition, values: Values): boolean {
  switch (condition.kind) {
    case 'always':
      return condition.value;
    case 'not':
      return !holds(condition.of, values);
    case 'and':
      return holds(condition.left, values) && holds(condition.right, values);
    case 'or':
      return holds(condition.left, values) || holds(condition.right, values);
    case 'compare': {
      const [left, right] = [valueOf(condition.left, values), valueOf(condition.right, values)];
      const answers = { '<': left < right, '<=': left <= right, '>': left > right, '>=': left >= right };
      if (condition.op === '==' || condition.op === '!=') return (left === right) === (condition.op === '==');
      return answers[condition.op];
    }
  }
}

describe('which way a change can turn a condition', () => {
  it('never says "cannot" where it does', () => {
    const small = fc.integer({ min: -4, max: 4 });
    const pushes = fc.record({ a: push(), b: push(), c: push() });
    fc.assert(
      fc.property(
        conditions,
        fc.record({ a: small, b: small, c: small }),
        pushes,
        fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
        (condition, before, pushed, steps) => {
          const after = Object.fromEntries(
            names.map((name, index) => [name, moved(before[name], pushed[name], steps[index]!)]),
          );
          const [was, is] = [holds(condition, before), holds(condition, after)];
          if (was !== is) expect(canTurn(condition, is, (name) => pushed[name as (typeof names)[number]])).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('tells a window that only loses from one that only gains', () => {
    const drop: Condition = {
      kind: 'compare',
      op: '<',
      left: { kind: 'signal', name: 'a' },
      right: { kind: 'signal', name: 'b' },
    };
    const when = (name: string, push: Push) => canTurn(drop, true, (other) => (other === name ? push : 'none'));
    expect([when('a', 'down'), when('a', 'up'), when('b', 'up'), when('b', 'down')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

const push = (): fc.Arbitrary<Push> => fc.constantFrom('none', 'up', 'down', 'both');
const moved = (value: number, pushed: Push, by: number): number =>
  pushed === 'up'
    ? value + by
    : pushed === 'down'
      ? value - by
      : pushed === 'both'
        ? value + by * (by % 2 === 0 ? 1 : -1)
        : value;
