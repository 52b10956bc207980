/** A rule's condition after type-checking: what CEL said, in the few shapes that both SQL and a reader can follow. */
export type Arithmetic = '+' | '-' | '*' | '/';
export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

export type NumberExpr =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'negate'; readonly of: NumberExpr }
  | { readonly kind: 'arithmetic'; readonly op: Arithmetic; readonly left: NumberExpr; readonly right: NumberExpr };

export type Condition =
  | { readonly kind: 'always'; readonly value: boolean }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: NumberExpr; readonly right: NumberExpr }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition };

export function signalsOf(expr: NumberExpr | Condition): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: NumberExpr | Condition): void => {
    if (node.kind === 'signal') names.add(node.name);
    if ('of' in node) visit(node.of);
    if ('left' in node) {
      visit(node.left);
      visit(node.right);
    }
  };
  visit(expr);
  return names;
}
