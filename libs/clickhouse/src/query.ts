import type { z } from 'zod';

/**
 * A query as a named value. `$db` stands for the database; values only enter as bound parameters.
 * The name is the metric label and the file name under docs/sql.
 */
export interface Query<P extends z.ZodType, R extends z.ZodType> {
  readonly name: string;
  readonly about: string;
  readonly sql: string;
  readonly params: P;
  readonly row: R;
}

export const query = <P extends z.ZodType, R extends z.ZodType>(definition: Query<P, R>): Query<P, R> => definition;
