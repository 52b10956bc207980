import type { z } from 'zod';
import { RequestProblem } from './problem.js';

/** A request's query or body as its schema has it; otherwise a problem that names what is wrong. */
export function checked<S extends z.ZodType>(schema: S, asked: unknown, whole = 'query'): z.infer<S> {
  // The query parser answers objects without a prototype.
  const plain = typeof asked === 'object' && asked !== null && !Array.isArray(asked) ? { ...asked } : asked;
  const parsed = schema.safeParse(plain);
  if (parsed.success) return parsed.data;
  throw new RequestProblem(
    400,
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || whole}: ${message}`).join('; '),
  );
}
