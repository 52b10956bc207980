import type { Store } from '#clickhouse';
import { ClickHouseHistoryStore, openStore } from '#clickhouse';
import type { EpochMs, TenantId } from '#domain';
import { ChurnError, epochMs, tenantId } from '#domain';
import type { HistoryExtent } from '#pipeline';
import type { Environment } from '#platform';
import { clickhouseSettings, generalSettings, loadConfig } from '#platform';
import type { Terminal } from './terminal.js';

/** What a command that looks back has before it. */
export interface StoredHistory {
  readonly store: Store;
  readonly histories: ClickHouseHistoryStore;
  readonly tenant: TenantId;
  readonly extent: HistoryExtent;
}

/** Null, said why, when there is nothing in it. */
export async function historyIn(store: Store, terminal: Terminal): Promise<StoredHistory | null> {
  const histories = new ClickHouseHistoryStore(store);
  const tenant = tenantId('default');
  const extent = await histories.extent(tenant);
  if (extent !== null) return { store, histories, tenant, extent };
  terminal.say('There is no event in the store: import a history first.');
  return null;
}

/** Opens the store for as long as `work` takes. False, said why, when there is nothing in it. */
export async function overHistory(
  env: Environment,
  terminal: Terminal,
  work: (history: StoredHistory) => Promise<boolean>,
): Promise<boolean> {
  const store = openStore({ ...loadConfig(generalSettings, env), ...loadConfig(clickhouseSettings, env) });
  try {
    const history = await historyIn(store, terminal);
    return history !== null && (await work(history));
  } finally {
    await store.close();
  }
}

export interface Period {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Beyond the last event nobody knows whether somebody was silent or the data ended. */
export function periodOf({ from, to }: Partial<Period>, { firstAt, lastAt }: HistoryExtent): Period {
  const period = { from: epochMs(Math.max(from ?? firstAt, firstAt)), to: epochMs(Math.min(to ?? lastAt, lastAt)) };
  if (period.from < period.to) return period;
  throw new ChurnError('CONFIG_INVALID', '--from, --to: no event of the store lies between them');
}
