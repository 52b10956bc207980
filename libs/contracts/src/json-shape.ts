/** Members that reach an object's prototype when somebody later assigns by name. */
const dangerous = new Set(['__proto__', 'constructor', 'prototype']);

export type ShapeFault =
  { readonly kind: 'too-deep' } | { readonly kind: 'too-many' } | { readonly kind: 'number'; readonly path: string };

/** A text's most bytes per character as JSON (`\\u0001`), and a number's most characters. */
const mostPerCharacter = 6;
const mostPerNumber = 25;

export interface Shape {
  readonly fault: ShapeFault | null;
  /** As JSON it is no longer than this. */
  readonly mostBytes: number;
}

/**
 * Makes parsed JSON safe to keep: drops members named like a prototype's, turns -0 into 0. Works in place.
 * Answers the first thing that cannot be kept.
 */
export function makeSafe(root: object, name: string, maxDepth: number, maxKeys: number): Shape {
  let keys = 0;
  let mostBytes = 2;
  const visit = (node: Record<string, unknown>, path: string, depth: number): ShapeFault | null => {
    if (depth > maxDepth) return { kind: 'too-deep' };
    for (const key of Object.keys(node)) {
      if (++keys > maxKeys) return { kind: 'too-many' };
      if (dangerous.has(key) && !Array.isArray(node)) {
        delete node[key];
        continue;
      }
      const value = node[key];
      mostBytes += key.length * mostPerCharacter + 6;
      if (typeof value === 'string') mostBytes += value.length * mostPerCharacter;
      else if (typeof value === 'object' && value !== null) {
        const fault = visit(value as Record<string, unknown>, `${path}.${key}`, depth + 1);
        if (fault !== null) return fault;
      } else {
        mostBytes += mostPerNumber;
        if (typeof value !== 'number') continue;
        // Written so that NaN is a fault too.
        if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return { kind: 'number', path: `${path}.${key}` };
        if (value === 0) node[key] = 0;
      }
    }
    return null;
  };
  return { fault: visit(root as Record<string, unknown>, name, 1), mostBytes };
}
