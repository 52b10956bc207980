import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCollection, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';

/** A file of a pack as it was read. */
export interface Read<T> {
  readonly value: T;
  /** `file:line:column` of a field, or of a place inside its text. */
  place(path: readonly (string | number)[], offset?: number): string;
}

/** Null where the file cannot be used; then `complaints` has grown by every mistake in it. */
export function readYaml<S extends z.ZodType>(
  folder: string,
  file: string,
  schema: S,
  complaints: string[],
): Read<z.output<S>> | null {
  let text: string;
  try {
    text = readFileSync(join(folder, file), 'utf8');
  } catch {
    complaints.push(`${file}: there is no such file`);
    return null;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (path: readonly (string | number)[], offset = 0): string => {
    const { line, col } = lines.linePos(startOf(document, path) + offset);
    return `${file}:${line}:${col}`;
  };
  for (const error of document.errors)
    complaints.push(
      `${file}:${error.linePos?.[0].line ?? 1}:${error.linePos?.[0].col ?? 1}: ${error.message.split('\n')[0]}`,
    );
  if (document.errors.length > 0) return null;
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data, place };
  for (const issue of parsed.error.issues.flatMap(closestForm)) {
    complaints.push(`${place(issue.path as (string | number)[])}: ${issue.path.join('.')}: ${issue.message}`);
  }
  return null;
}

type Issue = z.core.$ZodIssue;

/** Of a field that may take several forms: what is wrong with it as the form that it comes closest to. */
function closestForm(issue: Issue): Issue[] {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ ...issue, message }));
  if (issue.code !== 'invalid_union') return [issue];
  const deepest = (issues: readonly Issue[]): number => Math.max(...issues.map(({ path }) => path.length));
  const [closest] = issue.errors.toSorted((a, b) => deepest(b) - deepest(a));
  if (closest === undefined || deepest(closest) === 0) return [issue];
  return closest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Where a field starts; a missing one is reported at the closest thing around it. */
function startOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isScalar(node))
      return (node.range?.[0] ?? 0) + (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0);
    if (isCollection(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}
