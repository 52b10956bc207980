import type { Server } from 'node:http';
import type { DynamicModule, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { channelNamesOf } from '#channels';
import { ClickHouseModule, ClickHouseRuleStore, migrate, openStore } from '#clickhouse';
import type { Store } from '#clickhouse';
import type { AdmissionLimits } from '#contracts';
import { allTopics, defaultAdmissionLimits } from '#contracts';
import type { Clock, Pack } from '#domain';
import { DAY, HOUR, MINUTE, SECOND, systemClock, tenantId } from '#domain';
import type { BatchServer, StartAt } from '#kafka';
import { BATCH_TRANSPORT, KafkaModule, START_AT } from '#kafka';
import type { EventLog, FeedLimits, Observer, WindowStore } from '#pipeline';
import { CLOCK, EVENT_LOG, loadPack, OBSERVER, PACK, Rulebook, Tracker, whereToBegin, WINDOW_STORE } from '#pipeline';
import type { RoleContext, ShutdownSteps, StartRole } from '#platform';
import {
  clickhouseSettings,
  courierSettings,
  createMetrics,
  generalSettings,
  httpSettings,
  kafkaSettings,
  loadConfig,
  NestLog,
  packFolder,
  sentinelSettings,
  trackerSettings,
} from '#platform';
import { CourierModule } from '../../courier/src/courier.module.js';
import { CourierRounds } from '../../courier/src/courier.rounds.js';
import { configureGateway, gatewayAdapter } from '../../gateway/src/configure-gateway.js';
import { gatewaySettings } from '../../gateway/src/gateway-settings.js';
import { GatewayModule } from '../../gateway/src/gateway.module.js';
import { SentinelModule } from '../../sentinel/src/sentinel.module.js';
import { TrackerModule } from '../../tracker/src/tracker.module.js';
import { logForOperators } from './log-for-operators.js';
import { PackWatch } from './pack-watch.js';

export const roleNames = ['gateway', 'tracker', 'sentinel', 'courier'] as const;
export type RoleName = (typeof roleNames)[number];

/** What a replay or a test brings along. */
export interface Circumstances {
  readonly clock?: Clock;
  /** Hears what the metrics hear. */
  readonly observer?: Observer;
  /** See SentinelParts. */
  readonly slackMs?: number;
  /** Instead of what the settings say; see `noFeedVouches`. */
  readonly feedLimits?: FeedLimits;
}

export interface Running {
  readonly app: NestFastifyApplication;
  readonly store: Store;
  /** In force. */
  readonly pack: Pack;
  /** Where the API listens; null without the gateway. */
  readonly url: string | null;
  readonly steps: ShutdownSteps;
}

/** A role's process is the standalone app with fewer roles: the same parts, put together here and nowhere else. */
export const asRole =
  (...roles: readonly RoleName[]): StartRole =>
  async (context) =>
    (await startRoles(roles, context)).steps;

export async function startRoles(
  roles: readonly RoleName[],
  context: RoleContext,
  circumstances: Circumstances = {},
): Promise<Running> {
  const general = loadConfig(generalSettings, context.env);
  const http = loadConfig(httpSettings, context.env);
  const courier = loadConfig(courierSettings, context.env);
  const tracker = loadConfig(trackerSettings, context.env);
  const sentinel = loadConfig(sentinelSettings, context.env);
  const feedLimits = circumstances.feedLimits ?? {
    vouchesFromPerHour: sentinel.FEED_VOUCHES_FROM_PER_HOUR,
    settleMs: 5 * SECOND,
  };
  const limits: AdmissionLimits = {
    ...defaultAdmissionLimits,
    maxAgeMs: tracker.EVENT_MAX_AGE_DAYS * DAY,
    maxAheadMs: tracker.EVENT_MAX_AHEAD_SECONDS * SECOND,
  };

  const clock = circumstances.clock ?? systemClock;
  const folder = packFolder(general.PACK);
  const pack = new Rulebook(loadPack(folder));
  const store = openStore({ ...general, ...loadConfig(clickhouseSettings, context.env) });
  try {
    await migrate(store);
    // Before anything is decided by them: what is decided can be explained later, whatever became of the rules.
    const keep = async (rules: Pack): Promise<void> => {
      if (roles.includes('sentinel')) await new ClickHouseRuleStore(store).keep(rules, clock.now());
    };
    // Knows the files as they are now: what changes while we start is seen as well.
    const watch = new PackWatch({ folder, rulebook: pack, keep, log: context.log });
    await keep(pack.current);
    const channels = channelNamesOf(courier);
    const topics = allTopics.map((topic) => topic.name);
    const metrics = createMetrics({ rules: pack.rules.map((rule) => rule.id), channels, topics }, context.registry);
    const observer: Observer = (observation) => {
      metrics.observer(observation);
      logForOperators(context.log, observation);
      circumstances.observer?.(observation);
    };
    const shared = sharedModule(clock, observer, pack);
    const modulesOf: Record<RoleName, () => DynamicModule[]> = {
      gateway: () => [
        GatewayModule.with(
          gatewaySettings({
            locale: general.LOCALE,
            limits,
            feedLimits,
            maxBodyBytes: http.HTTP_MAX_BODY_BYTES,
            maxInFlightBytes: http.HTTP_MAX_INFLIGHT_BYTES,
          }),
        ),
      ],
      tracker: () => [
        TrackerModule.forRoot({
          tenant: tenantId('default'),
          limits,
          maxChunkRecords: tracker.TRACKER_MAX_CHUNK_RECORDS,
          duplicates:
            tracker.DUPLICATES_WINDOW_HOURS === 0
              ? null
              : {
                  windowMs: tracker.DUPLICATES_WINDOW_HOURS * HOUR,
                  memoryBytes: tracker.DUPLICATES_MEMORY_MIB * 2 ** 20,
                },
          cap: {
            maxConsecutive: tracker.DEAD_LETTER_MAX_CONSECUTIVE,
            maxShare: tracker.DEAD_LETTER_MAX_PERCENT / 100,
            windowRecords: tracker.DEAD_LETTER_WINDOW_RECORDS,
          },
          progressMs: tracker.PROGRESS_MS,
          log: context.log,
        }),
      ],
      sentinel: () => [
        SentinelModule.forRoot({
          slackMs: circumstances.slackMs ?? 2 * SECOND,
          noteEveryMs: MINUTE,
          latenessMs: sentinel.EVENT_LATENESS_DAYS * DAY,
          historySettleMs: sentinel.HISTORY_SETTLE_SECONDS * SECOND,
          feedLimits,
          spikeLimits: { fromCustomers: sentinel.INCIDENT_FROM_CUSTOMERS },
        }),
      ],
      courier: () => [
        CourierModule.forRoot({
          settings: { ...general, ...courier },
          vouchesFromPerHour: feedLimits.vouchesFromPerHour,
          log: context.log,
        }),
      ],
    };
    const root: DynamicModule = {
      module: RootModule,
      imports: [
        shared,
        ClickHouseModule.forStore(store, pack),
        startPositions(),
        KafkaModule.forRoot(loadConfig(kafkaSettings, context.env)),
        ...roles.flatMap((role) => modulesOf[role]()),
      ],
    };
    const app = await NestFactory.create<NestFastifyApplication>(root, gatewayAdapter(http.HTTP_REQUEST_TIMEOUT_MS), {
      logger: new NestLog(context.log),
      abortOnError: false,
      bodyParser: false,
    });
    const url = await open(app, roles, http);
    context.health.add({ name: 'store', run: () => store.ping() });
    if (roles.includes('tracker')) {
      // Said, not failed: the other partitions go on, and so must the intake where one process is all roles.
      const tracker = app.get(Tracker, { strict: false });
      context.health.add({ name: 'dead-letters', run: async () => tracker.stopped().join('; ') });
    }
    const transport = app.get<BatchServer>(BATCH_TRANSPORT);
    if (roles.some((role) => role !== 'gateway')) {
      context.health.add({
        name: 'consumers',
        run: async () => {
          if (!transport.isReady()) throw new Error('not every consumer group has its partitions yet');
        },
      });
    }
    context.health.add({ name: 'rules', run: async () => watch.refusal });
    if (general.PACK_RELOAD_SECONDS > 0) watch.start(general.PACK_RELOAD_SECONDS * SECOND);
    return { app, store, pack, url, steps: lettingGo(app, store, transport, watch, roles, general.DRAIN_MS) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What stands behind each stage of the shutdown order in libs/platform. */
function lettingGo(
  app: NestFastifyApplication,
  store: Store,
  transport: BatchServer,
  watch: PackWatch,
  roles: readonly RoleName[],
  drainMs: number,
): ShutdownSteps {
  return {
    'stop-listening': async () => {
      const server = app.getHttpServer() as Server;
      server.close();
      server.closeIdleConnections();
    },
    // Also finishes the batches under way.
    'stop-fetching': async () => transport.close(),
    'drain-courier': async () => {
      if (roles.includes('courier'))
        await app.get(CourierRounds, { strict: false }).drain(AbortSignal.timeout(drainMs / 2));
    },
    'close-producers': () => app.close(),
    'close-store': async () => {
      await watch.stop();
      await store.close();
    },
  };
}

async function open(
  app: NestFastifyApplication,
  roles: readonly RoleName[],
  http: { readonly HTTP_HOST: string; readonly HTTP_PORT: number },
): Promise<string | null> {
  if (roles.includes('gateway')) configureGateway(app);
  if (roles.some((role) => role !== 'gateway')) {
    app.connectMicroservice({ strategy: app.get<BatchServer>(BATCH_TRANSPORT) });
    await app.startAllMicroservices();
  }
  if (!roles.includes('gateway')) {
    await app.init();
    return null;
  }
  await app.listen(http.HTTP_PORT, http.HTTP_HOST);
  return (await app.getUrl()).replace('[::1]', '127.0.0.1');
}

@Module({})
class RootModule {}

@Module({})
class SharedModule {}

const globally = (module: Type, providers: NonNullable<DynamicModule['providers']>): DynamicModule => ({
  module,
  global: true,
  providers,
  exports: providers.map((provider) => (provider as { readonly provide: symbol }).provide),
});

const sharedModule = (clock: Clock, observer: Observer, pack: Pack): DynamicModule =>
  globally(SharedModule, [
    { provide: CLOCK, useValue: clock },
    { provide: OBSERVER, useValue: observer },
    { provide: PACK, useValue: pack },
  ]);

@Module({})
class StartPositions {}

/**
 * The tracker begins with the chunk it planned last: the only one that may be stored in part. Until it has come by,
 * nothing is known to be read, and nobody's absence is decided.
 */
const startPositions = (): DynamicModule =>
  globally(StartPositions, [
    {
      provide: START_AT,
      inject: [WINDOW_STORE, EVENT_LOG],
      useFactory:
        (windows: WindowStore, log: EventLog): StartAt =>
        async (group, topic, partition) =>
          group === 'tracker' ? whereToBegin(windows, log, topic, partition) : undefined,
    },
  ]);
