import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { topics, transitionEnvelope, encodeEnvelope } from '#contracts';
import type { Alert, Clock } from '#domain';
import { plus } from '#domain';
import { BATCH_TRANSPORT, KafkaModule } from '#kafka';
import type { DeliveryLog, EventLog, Observer } from '#pipeline';
import { CELL_STORE, CLOCK, DELIVERY_LOG, EVENT_LOG, OBSERVER, PACK, silent } from '#pipeline';
import { courierSettings, generalSettings, kafkaSettings, loadConfig } from '#platform';
import { CourierModule } from '../../apps/courier/src/courier.module.js';
import { CourierRounds } from '../../apps/courier/src/courier.rounds.js';
import { raisedAt } from '../support/an-alert.js';
import { transitionOf } from '../support/transition-of.js';

export interface Surroundings {
  readonly clock?: Clock;
  readonly observer?: Observer;
}

@Module({})
class World {
  static of(deliveries: DeliveryLog, { clock, observer }: Surroundings): DynamicModule {
    const provided = [
      { provide: CLOCK, useValue: clock ?? { now: () => plus(raisedAt, 1_000) } },
      { provide: OBSERVER, useValue: observer ?? silent },
      { provide: DELIVERY_LOG, useValue: deliveries },
      // No cell vouches here.
      { provide: CELL_STORE, useValue: {} },
      { provide: PACK, useValue: { signals: [], rules: [], reasons: [] } },
    ];
    return { module: World, global: true, providers: provided, exports: provided.map(({ provide }) => provide) };
  }
}

export interface RunningCourier {
  readonly app: NestFastifyApplication;
  readonly events: EventLog;
  readonly warnings: readonly string[];
  /** What the sentinel does once its insert is through. */
  publish(...alerts: readonly Alert[]): Promise<void>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Cuts everything off where it stands. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** The courier as it runs in a process of its own, but for the store. */
export async function startCourier(
  deliveries: DeliveryLog,
  env: Readonly<Record<string, string>>,
  surroundings: Surroundings = {},
): Promise<RunningCourier> {
  const warnings: string[] = [];
  const note = (event: string): void => void warnings.push(event);
  const log = { debug: () => {}, info: () => {}, warn: note, error: note };
  const settings = { ...loadConfig(generalSettings, env), ...loadConfig(courierSettings, env) };
  const testing = await Test.createTestingModule({
    imports: [
      World.of(deliveries, surroundings),
      KafkaModule.forRoot(loadConfig(kafkaSettings, env), { partitions: 3 }),
      CourierModule.forRoot({ settings, vouchesFromPerHour: 0, log }),
    ],
  }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  app.connectMicroservice({ strategy: app.get(BATCH_TRANSPORT) });
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  const events = app.get<EventLog>(EVENT_LOG);
  return {
    app,
    events,
    warnings,
    async publish(...alerts) {
      const records = alerts.map((alert) => ({
        key: alert.customer,
        value: encodeEnvelope(transitionEnvelope(transitionOf(alert), alert)),
        timestamp: alert.detectedAt,
      }));
      await events.append(topics.riskTransitions.name, records);
    },
    get: async (path, headers = {}) => fetch(new URL(path, await app.getUrl()), { headers }),
    crash: () => app.get(CourierRounds).drain(AbortSignal.abort()),
    stop: () => app.close(),
  };
}

/** Asks until the answer is there. */
export async function eventually<T>(ask: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const until = performance.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > until) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
