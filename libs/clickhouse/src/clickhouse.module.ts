import { join } from 'node:path';
import type { DynamicModule, Provider } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Pack } from '#domain';
import {
  CELL_STORE,
  DEAD_LETTERS,
  DELIVERY_LOG,
  EVALUATOR,
  EVALUATOR_OF,
  EvaluatorInForce,
  FEED_STORE,
  FLAG_STORE,
  IDENTITY_STORE,
  INCIDENT_STORE,
  JOURNAL,
  RULE_STORE,
  STAGE_STORE,
  VALUE_STORE,
  VIEWS,
  WINDOW_STORE,
} from '#pipeline';
import type { Evaluator, Rulebook } from '#pipeline';
import { ClickHouseCellStore } from './cell-store.js';
import { ClickHouseDeadLetters } from './dead-letters.js';
import { ClickHouseDeliveryLog } from './delivery-log.js';
import { ClickHouseEvaluator } from './evaluator/clickhouse-evaluator.js';
import { ClickHouseFeedStore } from './feed-store.js';
import { ClickHouseFlagStore } from './flag-store.js';
import { ClickHouseIdentityStore } from './identity-store.js';
import { ClickHouseIncidentStore } from './incident-store.js';
import { ClickHouseJournal } from './journal.js';
import { ClickHouseViews } from './clickhouse-views.js';
import { ClickHouseRuleStore } from './rule-store.js';
import { ClickHouseStageStore } from './stage-store.js';
import { Store } from './store.js';
import { ClickHouseValueStore } from './value-store.js';
import { ClickHouseWindowStore } from './window-store.js';

/** The settings this adapter reads; see docs/configuration.md. */
export interface StoreSettings {
  readonly CLICKHOUSE_URL?: string | undefined;
  readonly CLICKHOUSE_DATABASE: string;
  readonly CLICKHOUSE_USERNAME: string;
  readonly CLICKHOUSE_PASSWORD: string;
  readonly DATA_DIR: string;
}

/** A server when CLICKHOUSE_URL is set, else the embedded engine under DATA_DIR. */
export function openStore(settings: StoreSettings): Store {
  const database = settings.CLICKHOUSE_DATABASE;
  if (settings.CLICKHOUSE_URL === undefined) return new Store({ path: join(settings.DATA_DIR, 'engine'), database });
  return new Store({
    url: settings.CLICKHOUSE_URL,
    username: settings.CLICKHOUSE_USERNAME,
    password: settings.CLICKHOUSE_PASSWORD,
    database,
  });
}

/** Every port that ClickHouse serves, over one open store. */
@Module({})
export class ClickHouseModule {
  static forStore(store: Store, rulebook: Rulebook): DynamicModule {
    const evaluatorOf = (pack: Pack): Evaluator => new ClickHouseEvaluator(store, pack);
    const evaluator = new EvaluatorInForce(rulebook, evaluatorOf);
    const providers: Provider[] = [
      { provide: Store, useValue: store },
      { provide: WINDOW_STORE, useValue: new ClickHouseWindowStore(store) },
      { provide: IDENTITY_STORE, useValue: new ClickHouseIdentityStore(store) },
      { provide: FEED_STORE, useValue: new ClickHouseFeedStore(store) },
      { provide: CELL_STORE, useValue: new ClickHouseCellStore(store) },
      { provide: INCIDENT_STORE, useValue: new ClickHouseIncidentStore(store) },
      { provide: FLAG_STORE, useValue: new ClickHouseFlagStore(store) },
      { provide: STAGE_STORE, useValue: new ClickHouseStageStore(store) },
      { provide: VALUE_STORE, useValue: new ClickHouseValueStore(store, rulebook) },
      { provide: DEAD_LETTERS, useValue: new ClickHouseDeadLetters(store) },
      { provide: DELIVERY_LOG, useValue: new ClickHouseDeliveryLog(store) },
      { provide: JOURNAL, useValue: new ClickHouseJournal(store) },
      { provide: EVALUATOR, useValue: evaluator },
      { provide: EVALUATOR_OF, useValue: evaluatorOf },
      { provide: RULE_STORE, useValue: new ClickHouseRuleStore(store) },
      { provide: VIEWS, useValue: new ClickHouseViews(store, evaluator) },
    ];
    return {
      module: ClickHouseModule,
      global: true,
      providers,
      exports: providers.map((provider) => (provider as { provide: symbol }).provide),
    };
  }
}
