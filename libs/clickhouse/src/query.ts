import type { z } from 'zod';
import type { EventType } from '#domain';

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

/** Event types are a closed list of plain words, so they may stand in the text of a query. */
export const listOf = (types: readonly EventType[]): string => types.map((type) => `'${type}'`).join(', ');
