import type { Condition, NumberExpr } from './condition.js';
import { impossible } from './errors.js';

/** Which way a change moves a number. */
export type Push = 'none' | 'up' | 'down' | 'both';
export type PushOf = (signal: string) => Push;

const flipped: Readonly<Record<Push, Push>> = { none: 'none', up: 'down', down: 'up', both: 'both' };

const together = (a: Push, b: Push): Push => {
  if (a === 'none') return b;
  if (b === 'none' || a === b) return a;
  return 'both';
};

/** Which way an expression moves when its signals are pushed. Says `both` where it cannot tell. */
export function pushOn(expr: NumberExpr, pushOf: PushOf): Push {
  switch (expr.kind) {
    case 'number':
      return 'none';
    case 'signal':
      return pushOf(expr.name);
    case 'negate':
      return flipped[pushOn(expr.of, pushOf)];
    case 'arithmetic': {
      const left = pushOn(expr.left, pushOf);
      const right = pushOn(expr.right, pushOf);
      if (expr.op === '+') return together(left, right);
      if (expr.op === '-') return together(left, flipped[right]);
      if (left === 'none' && right === 'none') return 'none';
      if (expr.right.kind === 'number') return expr.right.value >= 0 ? left : flipped[left];
      if (expr.op === '*' && expr.left.kind === 'number') return expr.left.value >= 0 ? right : flipped[right];
      return 'both';
    }
    default:
      return impossible(expr);
  }
}

/**
 * False only if no such push can make the condition come to be `to`, whatever the values are: then nobody need look.
 */
export function canTurn(condition: Condition, to: boolean, pushOf: PushOf): boolean {
  switch (condition.kind) {
    case 'always':
      return false;
    case 'not':
      return canTurn(condition.of, !to, pushOf);
    case 'and':
    case 'or':
      return canTurn(condition.left, to, pushOf) || canTurn(condition.right, to, pushOf);
    case 'compare': {
      const push = together(pushOn(condition.left, pushOf), flipped[pushOn(condition.right, pushOf)]);
      if (push === 'none' || push === 'both') return push === 'both';
      if (condition.op === '==' || condition.op === '!=') return true;
      const risesIntoIt = condition.op === '>' || condition.op === '>=';
      return (push === 'up') === (risesIntoIt === to);
    }
    default:
      return impossible(condition);
  }
}
