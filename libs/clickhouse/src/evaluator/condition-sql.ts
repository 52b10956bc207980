import type { Condition, NumberExpr, Push } from '#domain';
import { canTurn, impossible } from '#domain';

/** Where a signal's value and growth stand in the query. */
export interface SignalColumns {
  value(name: string): string;
  /** Null when the signal only moves in steps. */
  slope(name: string): string | null;
}

/** Unknown (NULL) as soon as one signal is; so is a division by zero. */
export function numberSql(expr: NumberExpr, columns: SignalColumns): string {
  switch (expr.kind) {
    case 'number':
      return `toFloat64(${expr.value})`;
    case 'signal':
      return columns.value(expr.name);
    case 'negate':
      return `(-${numberSql(expr.of, columns)})`;
    case 'arithmetic': {
      const left = numberSql(expr.left, columns);
      const right = numberSql(expr.right, columns);
      return expr.op === '/' ? `(${left} / nullIf(${right}, 0))` : `(${left} ${expr.op} ${right})`;
    }
    default:
      return impossible(expr);
  }
}

/** ClickHouse's AND, OR and NOT follow three-valued logic, as rules do. */
export function conditionSql(condition: Condition, columns: SignalColumns): string {
  switch (condition.kind) {
    case 'always':
      return condition.value ? '1' : '0';
    case 'compare':
      return `(${numberSql(condition.left, columns)} ${condition.op} ${numberSql(condition.right, columns)})`;
    case 'and':
    case 'or':
      return `(${conditionSql(condition.left, columns)} ${condition.kind.toUpperCase()} ${conditionSql(condition.right, columns)})`;
    case 'not':
      return `(NOT ${conditionSql(condition.of, columns)})`;
    default:
      return impossible(condition);
  }
}

/**
 * The growth of an expression per millisecond while nothing arrives; null when it only moves in steps.
 * Expressions that would not grow in a straight line are refused when the pack is loaded.
 */
export function slopeSql(expr: NumberExpr, columns: SignalColumns): string | null {
  switch (expr.kind) {
    case 'number':
      return null;
    case 'signal':
      return columns.slope(expr.name);
    case 'negate': {
      const slope = slopeSql(expr.of, columns);
      return slope === null ? null : `(-${slope})`;
    }
    case 'arithmetic': {
      const left = slopeSql(expr.left, columns);
      const right = slopeSql(expr.right, columns);
      if (left === null && right === null) return null;
      if (expr.op === '+' || expr.op === '-') return `(${left ?? '0'} ${expr.op} ${right ?? '0'})`;
      if (left !== null)
        return `(${left} ${expr.op} ${expr.op === '/' ? `nullIf(${numberSql(expr.right, columns)}, 0)` : numberSql(expr.right, columns)})`;
      return `(${numberSql(expr.left, columns)} * ${right})`;
    }
    default:
      return impossible(expr);
  }
}

/** An instant at which a comparison may turn, in two steps so that the query names the first once. */
export interface Crossing {
  /** Milliseconds from `as_of` until both sides are equal; NULL when they never will be. */
  readonly wait: string;
  /** The first millisecond after `as_of` at which the comparison may have turned, or NULL, given the name of `wait`. */
  turnsAt(wait: string): string;
}

/** One for each comparison that time alone can turn; with `to`, only those that time can turn so that the condition comes to be it. */
export function crossings(condition: Condition, columns: SignalColumns, to?: boolean): readonly Crossing[] {
  if (condition.kind === 'always') return [];
  if (condition.kind === 'not') return crossings(condition.of, columns, to === undefined ? undefined : !to);
  if (condition.kind !== 'compare') {
    return [...crossings(condition.left, columns, to), ...crossings(condition.right, columns, to)];
  }
  const grows = (name: string): Push => (columns.slope(name) === null ? 'none' : 'up');
  if (to !== undefined && !canTurn(condition, to, grows)) return [];
  const gap: NumberExpr = { kind: 'arithmetic', op: '-', left: condition.left, right: condition.right };
  const slope = slopeSql(gap, columns);
  if (slope === null) return [];
  const wait = `-${numberSql(gap, columns)} / nullIf(${slope}, 0)`;
  // A microsecond early, for the division may have rounded up: looking a millisecond too soon only means looking again.
  const soonest = (inMs: string): string => `as_of + toInt64(least(greatest(1, ${inMs}), 1e14))`;
  const atOnce: Crossing = { wait, turnsAt: (name) => `if(${name} > 0, ${soonest(`ceil(${name} - 1e-3)`)}, NULL)` };
  const justAfter: Crossing = {
    wait,
    turnsAt: (name) => `if(${name} >= 0, ${soonest(`floor(${name} - 1e-3) + 1`)}, NULL)`,
  };
  if (condition.op === '==' || condition.op === '!=') return [atOnce, justAfter];
  // On the way up ">" and "<=" turn just after both sides are equal, ">=" and "<" just then; on the way down the other way round.
  const risesLate = condition.op === '>' || condition.op === '<=';
  const rising = risesLate ? justAfter : atOnce;
  const falling = risesLate ? atOnce : justAfter;
  return [{ wait, turnsAt: (name) => `if(${slope} > 0, ${rising.turnsAt(name)}, ${falling.turnsAt(name)})` }];
}
