import type { Store } from '#clickhouse';
import { ClickHouseModelStore, migrate, openStore } from '#clickhouse';
import { tenantId } from '#domain';
import type { Environment } from '#platform';
import { clickhouseSettings, generalSettings, loadConfig, packFolder } from '#platform';
import { loadPack } from '#pipeline';
import type { ModelOwner, ModelStore } from '#scoring';

/** Scores of one tenant under the pack in the settings. */
export interface OwnedModels {
  readonly store: Store;
  readonly models: ModelStore;
  readonly owner: ModelOwner;
}

export async function withModels<T>(env: Environment, work: (models: OwnedModels) => Promise<T>): Promise<T> {
  const general = loadConfig(generalSettings, env);
  const pack = loadPack(packFolder(general.PACK)).name;
  const store = openStore({ ...general, ...loadConfig(clickhouseSettings, env) });
  try {
    // A history may have been brought in by a version that knew of no models.
    await migrate(store);
    return await work({ store, models: new ClickHouseModelStore(store), owner: { tenant: tenantId('default'), pack } });
  } finally {
    await store.close();
  }
}
