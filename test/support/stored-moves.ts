import { z } from 'zod';
import { customerId, epochMs, flagStates, ruleId } from '#domain';
import type { FlagState } from '#domain';
import type { Store } from '#clickhouse';
import type { ExpectedMove } from './oracle.js';

const state = z.enum(flagStates as readonly FlagState[] as [FlagState, ...FlagState[]]);

/** Every move in the store. Deliberately without FINAL: a decision stored twice shows up twice. */
export async function storedMoves(store: Store): Promise<ExpectedMove[]> {
  const rows = await store.rows(
    {
      name: 'stored-moves',
      about: 'For tests.',
      sql: `SELECT customer, rule, from_state AS "from", to_state AS "to", became_due_at AS becameDueAt, episode FROM $db.transition_v1`,
      params: z.object({}),
      row: z.object({
        customer: z.string(),
        rule: z.string(),
        from: state,
        to: state,
        becameDueAt: z.number(),
        episode: z.number(),
      }),
    },
    {},
  );
  return rows.map((row) => ({
    ...row,
    customer: customerId(row.customer),
    rule: ruleId(row.rule),
    becameDueAt: epochMs(row.becameDueAt),
  }));
}
