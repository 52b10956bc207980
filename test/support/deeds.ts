import { ClickHouseWindowStore, migrate, openStore } from '#clickhouse';
import type { ActivityEvent, EventType } from '#domain';
import { customerId, epochMs, tenantId } from '#domain';
import { clickhouseSettings, generalSettings, loadConfig } from '#platform';
import { cdnowPurchases } from './cdnow.js';

/** What somebody did, as a history file has it. */
export interface Deed {
  readonly customer: string;
  readonly at: number;
  readonly type: EventType;
  readonly amount: number | null;
}

export const cdnowDeeds: readonly Deed[] = cdnowPurchases().map(({ customer, date, dollars }) => ({
  customer,
  at: Date.parse(date),
  type: 'order',
  amount: dollars,
}));

/** As an import of them would leave the store of an app that kept its files under `dataDir`. */
export async function storeDeeds(dataDir: string, deeds: readonly Deed[]): Promise<void> {
  const env = { DATA_DIR: dataDir };
  const store = openStore({ ...loadConfig(generalSettings, env), ...loadConfig(clickhouseSettings, env) });
  await migrate(store);
  const windows = new ClickHouseWindowStore(store);
  const events = deeds.map((deed, offset) => ({ ...eventOf(deed, offset), offset }));
  const chunk = { topic: 't', partition: 0, epoch: 0, firstOffset: 0, lastOffset: events.length - 1 };
  if (events.length > 0) await windows.fold(chunk, events, await windows.takeOver('t', 0));
  await store.close();
}

const eventOf = ({ customer, at, type, amount }: Deed, index: number): ActivityEvent => ({
  tenant: tenantId('default'),
  id: String(index),
  source: 'spec',
  type,
  customer: customerId(customer),
  occurredAt: epochMs(at),
  receivedAt: epochMs(at),
  amount,
  platform: '',
  channel: '',
  appVersion: '',
  attributes: {},
});
