import { z } from 'zod';
import { epochMs } from '#domain';
import type { ModelCard, ModelChange, ModelOwner, ModelStore } from '#scoring';
import { labelText, modelChangeKinds } from '#scoring';
import { query } from './query.js';
import type { Store } from './store.js';

const ofOwner = z.object({ tenant: z.string(), pack: z.string() });

export const modelCards = query({
  name: 'model-cards',
  about: 'The scores a tenant has trained under a pack, the newest first; of a version kept twice the first card.',
  sql: `SELECT version, argMin(card, trained_at) AS card FROM $db.score_model_v1
WHERE tenant = {tenant:String} AND pack = {pack:String}
GROUP BY version
ORDER BY min(trained_at) DESC, version`,
  params: ofOwner,
  row: z.object({ version: z.string(), card: z.string() }),
});

export const modelChanges = query({
  name: 'model-changes',
  about: 'Which score was in force when, the oldest change first.',
  sql: `SELECT kind, version, at FROM $db.score_change_v1
WHERE tenant = {tenant:String} AND pack = {pack:String}
ORDER BY at`,
  params: ofOwner,
  row: z.object({ kind: z.enum(modelChangeKinds), version: z.string(), at: z.number() }),
});

export class ClickHouseModelStore implements ModelStore {
  constructor(private readonly store: Store) {}

  async keep(card: ModelCard): Promise<void> {
    const { version, tenant, pack, trainedAt, model, evidence } = card;
    const known = await this.cards({ tenant, pack });
    if (known.some((each) => each.version === version)) return;
    const columns = {
      tenant,
      pack,
      version,
      trained_at: trainedAt,
      label: labelText(model.outcome),
      horizon_ms: model.outcome.horizonMs,
      customers: evidence.customers,
      rows: evidence.rows,
      auc: evidence.quality.auc,
      brier: evidence.quality.brier,
      ece: evidence.quality.ece,
      card: JSON.stringify(card),
    };
    await this.store.insert('score_model_v1', Object.keys(columns), [Object.values(columns)]);
  }

  async cards({ tenant, pack }: ModelOwner): Promise<readonly ModelCard[]> {
    const rows = await this.store.rows(modelCards, { tenant, pack });
    return rows.map(({ card }) => JSON.parse(card) as ModelCard);
  }

  async changes({ tenant, pack }: ModelOwner): Promise<readonly ModelChange[]> {
    const rows = await this.store.rows(modelChanges, { tenant, pack });
    return rows.map(({ kind, version, at }) => ({ kind, version: version === '' ? null : version, at: epochMs(at) }));
  }

  async append({ tenant, pack }: ModelOwner, { kind, version, at }: ModelChange): Promise<void> {
    const columns = ['tenant', 'pack', 'at', 'kind', 'version'];
    await this.store.insert('score_change_v1', columns, [[tenant, pack, at, kind, version ?? '']]);
  }
}
