import type { ASTNode } from '@marcbachmann/cel-js';
import { Environment } from '@marcbachmann/cel-js';
import type { Arithmetic, Comparison, Condition, NumberExpr, Signal } from '#domain';
import { growingKinds } from '#domain';

/** What is wrong with a condition, and where: `at` counts characters from its start. */
export interface Complaint {
  readonly message: string;
  readonly at: number;
}
export type Parsed =
  { readonly ok: true; readonly condition: Condition } | { readonly ok: false; readonly complaint: Complaint };

class Refused extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** Reads CEL conditions over one catalogue of signals. All signals are numbers. */
export function conditionReader(signals: readonly Signal[]): (text: string) => Parsed {
  const environment = new Environment({
    limits: { maxAstNodes: 200, maxDepth: 30, maxListElements: 0, maxMapEntries: 0 },
  });
  for (const signal of signals) environment.registerVariable(signal.name, 'double');
  const known = new Map(signals.map((signal) => [signal.name, signal]));

  return (text) => {
    try {
      const condition = toCondition(environment.parse(text).ast, known);
      // Our own reading names the signal and the place better, so the library's type check comes second.
      const check = environment.check(text);
      if (!check.valid) return refused(firstLine(check.error?.message ?? 'not a condition'), 0);
      return { ok: true, condition };
    } catch (error) {
      if (error instanceof Refused) return refused(error.message, error.at);
      const at = (error as { node?: { pos?: number } }).node?.pos ?? text.length;
      return refused(firstLine(error instanceof Error ? error.message : String(error)), at);
    }
  };
}

const refused = (message: string, at: number): Parsed => ({ ok: false, complaint: { message, at } });
const firstLine = (message: string): string => message.split('\n')[0] ?? message;

const comparisons: readonly string[] = ['<', '<=', '>', '>=', '==', '!='] satisfies Comparison[];
const arithmetics: readonly string[] = ['+', '-', '*', '/'] satisfies Arithmetic[];

type Known = ReadonlyMap<string, Signal>;

function toCondition(node: ASTNode, known: Known): Condition {
  const { op, pos } = node;
  if (op === 'value' && typeof node.args === 'boolean') return { kind: 'always', value: node.args };
  if (op === '&&' || op === '||') {
    const [left, right] = node.args as [ASTNode, ASTNode];
    return { kind: op === '&&' ? 'and' : 'or', left: toCondition(left, known), right: toCondition(right, known) };
  }
  if (op === '!_') return { kind: 'not', of: toCondition(node.args as ASTNode, known) };
  if (comparisons.includes(op)) {
    const [left, right] = node.args as [ASTNode, ASTNode];
    return { kind: 'compare', op: op as Comparison, left: toNumber(left, known), right: toNumber(right, known) };
  }
  throw new Refused('expected a comparison such as "silent_days > 14.0"', pos);
}

function toNumber(node: ASTNode, known: Known): NumberExpr {
  const { op, pos } = node;
  if (op === 'value' && (typeof node.args === 'number' || typeof node.args === 'bigint')) {
    const value = Number(node.args);
    if (!Number.isFinite(value)) throw new Refused('the number is too large', pos);
    return { kind: 'number', value };
  }
  if (op === 'id') {
    const name = node.args as string;
    if (!known.has(name)) throw new Refused(`unknown signal "${name}"${suggestion(name, [...known.keys()])}`, pos);
    return { kind: 'signal', name };
  }
  if (op === '-_') return { kind: 'negate', of: toNumber(node.args as ASTNode, known) };
  if (arithmetics.includes(op)) {
    const [first, second] = node.args as [ASTNode, ASTNode];
    const [left, right] = [toNumber(first, known), toNumber(second, known)];
    refuseCurve(op, left, right, known, pos);
    return { kind: 'arithmetic', op: op as Arithmetic, left, right };
  }
  throw new Refused('expected a number, a signal, or + - * / over them', pos);
}

const grows = (expr: NumberExpr, known: Known): boolean => {
  if (expr.kind === 'number') return false;
  if (expr.kind === 'signal') return growingKinds.has(known.get(expr.name)?.kind ?? 'count');
  if (expr.kind === 'negate') return grows(expr.of, known);
  return grows(expr.left, known) || grows(expr.right, known);
};

/**
 * Deadlines are found by following each side of a comparison in a straight line, so two quantities that both
 * grow with time may be added but not multiplied, and nothing may be divided by one.
 */
function refuseCurve(op: string, left: NumberExpr, right: NumberExpr, known: Known, at: number): void {
  if (op !== '*' && op !== '/') return;
  if (!grows(right, known) || (op === '*' && !grows(left, known))) return;
  throw new Refused(
    `"${op}" over a signal that grows with time is not supported; compare it with a product instead`,
    at,
  );
}

/** Why a signal may not be called so; undefined when conditions can name it. */
export function nameComplaint(name: string): string | undefined {
  try {
    const { ast } = new Environment().registerVariable(name, 'double').parse(name);
    if (ast.op === 'id') return undefined;
  } catch {
    // Reserved, or a word with a meaning of its own.
  }
  return `"${name}" cannot be the name of a signal: it means something else in conditions`;
}

/** `, did you mean "sessions_7d"?` when a known name is close enough, else nothing. */
export function suggestion(name: string, names: readonly string[]): string {
  const ranked = names
    .map((candidate) => ({ candidate, far: distance(name, candidate) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best && best.far <= Math.max(2, Math.floor(name.length / 3)) ? `, did you mean "${best.candidate}"?` : '';
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, change));
    }
    previous = current;
  }
  return previous[b.length]!;
}
