import { z } from 'zod';
import type { EpochMs, Stage, StageMove } from '#domain';
import { customerId, epochMs, stages, tenantId } from '#domain';
import type { Fence, PlacedCustomer, Share, StageStore, StoredStage } from '#pipeline';
import { fenceText } from '#pipeline';
import { byTenant } from './by-tenant.js';
import { inShare, shareParams } from './queries/flags.js';
import { query } from './query.js';
import type { Store } from './store.js';

const someCustomers = z.object({ tenant: z.string(), customers: z.array(z.string()) });
const columns = `id, sequence, tenant, customer, definition, from_stage AS "from", to_stage AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, amends`;
const row = z.object({
  id: z.string(),
  sequence: z.number(),
  tenant: z.string(),
  customer: z.string(),
  definition: z.string(),
  from: z.enum(['', ...stages]),
  to: z.enum(stages),
  becameDueAt: z.number(),
  detectedAt: z.number(),
  amends: z.number().nullable(),
});

export const stagesNow = query({
  name: 'stages-now',
  about: 'How the stage of some customers stands after its last move.',
  sql: `SELECT customer, argMax(to_stage, sequence), max(sequence), argMax(became_due_at, sequence)
FROM $db.stage_v1
WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
GROUP BY customer`,
  params: someCustomers,
  row: z.tuple([z.string(), z.enum(stages), z.number(), z.number()]),
});

export const pastStages = query({
  name: 'past-stages',
  about: 'Everything ever told of some customers’ stages, each customer’s moves in the order they were made.',
  sql: `SELECT ${columns} FROM $db.stage_v1 FINAL
WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
ORDER BY customer, sequence`,
  params: someCustomers,
  row,
});

export const unpublishedStages = query({
  name: 'unpublished-stages',
  about:
    'Moves of stages that were stored but perhaps never reached the topic: what a crash between the two leaves behind.',
  sql: `SELECT ${columns} FROM $db.stage_v1 FINAL
WHERE ${inShare('customer')} AND id NOT IN (SELECT transition_id FROM $db.publication_v1)
ORDER BY tenant, customer, sequence`,
  params: z.object(shareParams),
  row,
});

export class ClickHouseStageStore implements StageStore {
  constructor(private readonly store: Store) {}

  async last(customers: readonly PlacedCustomer[]): Promise<readonly StoredStage[]> {
    const found: StoredStage[] = [];
    for (const [tenant, own] of byTenant(customers)) {
      const names = own.map(({ customer }) => customer);
      const rows = await this.store.tuples(stagesNow, { tenant, customers: names });
      for (const [customer, stage, sequence, since] of rows)
        found.push({ tenant, customer: customerId(customer), stage, sequence, since: epochMs(since) });
    }
    return found;
  }

  async append(moves: readonly StageMove[], fences: readonly Fence[]): Promise<void> {
    if (fences.length > moves.length) throw new TypeError('more fences than moves');
    await this.store.insert(
      'stage_door_v1',
      [
        'id',
        'sequence',
        'tenant',
        'customer',
        'definition',
        'from_stage',
        'to_stage',
        'became_due_at',
        'detected_at',
        'amends',
        'fence',
      ],
      moves.map((move, index) => [
        move.id,
        move.sequence,
        move.tenant,
        move.customer,
        move.definition,
        move.from ?? '',
        move.to,
        move.becameDueAt,
        move.detectedAt,
        move.amends,
        fences[index] === undefined ? '' : fenceText(fences[index]),
      ]),
    );
  }

  async history(customers: readonly PlacedCustomer[]): Promise<readonly StageMove[]> {
    const moves: StageMove[] = [];
    for (const [tenant, own] of byTenant(customers)) {
      const rows = await this.store.rows(pastStages, { tenant, customers: own.map(({ customer }) => customer) });
      moves.push(...rows.map(moveOf));
    }
    return moves;
  }

  async unpublished(share: Share): Promise<readonly StageMove[]> {
    const rows = await this.store.rows(unpublishedStages, { partitions: [...share.partitions], count: share.count });
    return rows.map(moveOf);
  }

  /** Ids of flags' moves and of stages' are hashes of different texts, so they share a table. */
  async markPublished(moves: readonly StageMove[], at: EpochMs): Promise<void> {
    const rows = moves.map(({ id }) => [id, at]);
    await this.store.insert('publication_v1', ['transition_id', 'at'], rows);
  }
}

function moveOf(found: z.output<typeof row>): StageMove {
  return {
    ...found,
    tenant: tenantId(found.tenant),
    customer: customerId(found.customer),
    from: found.from === '' ? null : (found.from satisfies Stage),
    becameDueAt: epochMs(found.becameDueAt),
    detectedAt: epochMs(found.detectedAt),
    amends: found.amends === null ? null : epochMs(found.amends),
  };
}
