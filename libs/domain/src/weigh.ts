import type { Comparison, Condition, NumberExpr } from './condition.js';
import { impossible } from './errors.js';
import type { SignalValues } from './signal.js';

/** One comparison with the numbers that stood on its sides. Null: unknown. */
export interface WeighedComparison {
  readonly text: string;
  readonly left: number | null;
  readonly right: number | null;
  readonly holds: boolean | null;
}

/** A condition with what each of its comparisons came to, in reading order. */
export interface WeighedCondition {
  readonly text: string;
  readonly holds: boolean | null;
  readonly comparisons: readonly WeighedComparison[];
}

/**
 * What a condition comes to with these numbers, for people to follow. Verdicts are worked out in the store, by the same
 * rules: an unknown operand and a division by zero make a number unknown, and, or and not follow Kleene's logic.
 */
export function weigh(condition: Condition, signals: SignalValues): WeighedCondition {
  const comparisons: WeighedComparison[] = [];
  const truth = (node: Condition): boolean | null => {
    switch (node.kind) {
      case 'always':
        return node.value;
      case 'not':
        return not(truth(node.of));
      case 'and':
      case 'or': {
        const sides = new Set([truth(node.left), truth(node.right)]);
        const decides = node.kind === 'or';
        if (sides.has(decides)) return decides;
        return sides.has(null) ? null : !decides;
      }
      case 'compare': {
        const [left, right] = [numberOf(node.left, signals), numberOf(node.right, signals)];
        const holds = left === null || right === null ? null : compares[node.op](left, right);
        comparisons.push({ text: textOf(node), left, right, holds });
        return holds;
      }
      default:
        return impossible(node);
    }
  };
  return { holds: truth(condition), text: textOf(condition), comparisons };
}

const not = (value: boolean | null): boolean | null => (value === null ? null : !value);

const compares: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
};

function numberOf(expr: NumberExpr, signals: SignalValues): number | null {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'signal':
      return signals[expr.name] ?? null;
    case 'negate': {
      const value = numberOf(expr.of, signals);
      return value === null ? null : -value;
    }
    case 'arithmetic': {
      const [left, right] = [numberOf(expr.left, signals), numberOf(expr.right, signals)];
      if (left === null || right === null) return null;
      if (expr.op === '+') return left + right;
      if (expr.op === '-') return left - right;
      if (expr.op === '*') return left * right;
      return right === 0 ? null : left / right;
    }
    default:
      return impossible(expr);
  }
}

/** How tightly each operator binds; what binds less is put in parentheses. */
const binding: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  compare: 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  unary: 6,
  leaf: 7,
};

const bindingOf = (node: Condition | NumberExpr): number => {
  if (node.kind === 'arithmetic') return binding[node.op]!;
  if (node.kind === 'not' || node.kind === 'negate') return binding['unary']!;
  return binding[node.kind] ?? binding['leaf']!;
};

/** The condition as a rule's author would write it. */
export function textOf(node: Condition | NumberExpr): string {
  const inside = (child: Condition | NumberExpr, atLeast: number): string =>
    bindingOf(child) < atLeast ? `(${textOf(child)})` : textOf(child);
  const own = bindingOf(node);
  // Operators of equal binding are read from the left, so the right side needs parentheses for them already.
  const infix = (op: string, left: Condition | NumberExpr, right: Condition | NumberExpr): string =>
    `${inside(left, own)} ${op} ${inside(right, own + 1)}`;
  switch (node.kind) {
    case 'always':
      return String(node.value);
    case 'number':
      return Number.isInteger(node.value) && Math.abs(node.value) < 1e21 ? `${node.value}.0` : String(node.value);
    case 'signal':
      return node.name;
    case 'not':
      return `!${inside(node.of, own)}`;
    case 'negate':
      return `-${inside(node.of, own)}`;
    case 'and':
      return infix('&&', node.left, node.right);
    case 'or':
      return infix('||', node.left, node.right);
    case 'compare':
      return `${inside(node.left, own + 1)} ${node.op} ${inside(node.right, own + 1)}`;
    case 'arithmetic':
      return infix(node.op, node.left, node.right);
    default:
      return impossible(node);
  }
}
