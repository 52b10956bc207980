/** Members that reach an object's prototype when somebody later assigns by name. */
const dangerous = new Set(['__proto__', 'constructor', 'prototype']);

export type ShapeFault =
  | { readonly kind: 'too-deep' }
  | { readonly kind: 'too-many' }
  | { readonly kind: 'number'; readonly path: string; readonly value: number };

/**
 * Makes parsed JSON safe to keep: drops members named like a prototype's, turns -0 into 0. Works in place.
 * Answers the first thing that cannot be kept.
 */
export function makeSafe(root: object, name: string, maxDepth: number, maxKeys: number): ShapeFault | null {
  let keys = 0;
  const visit = (node: Record<string, unknown>, path: string, depth: number): ShapeFault | null => {
    if (depth > maxDepth) return { kind: 'too-deep' };
    for (const key of Object.keys(node)) {
      if (++keys > maxKeys) return { kind: 'too-many' };
      if (dangerous.has(key) && !Array.isArray(node)) {
        delete node[key];
        continue;
      }
      const value = node[key];
      if (typeof value === 'number') {
        if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
          return { kind: 'number', path: `${path}.${key}`, value };
        if (value === 0) node[key] = 0;
      } else if (typeof value === 'object' && value !== null) {
        const fault = visit(value as Record<string, unknown>, `${path}.${key}`, depth + 1);
        if (fault !== null) return fault;
      }
    }
    return null;
  };
  return visit(root as Record<string, unknown>, name, 1);
}
