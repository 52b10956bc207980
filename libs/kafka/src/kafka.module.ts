import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown, Provider } from '@nestjs/common';
import { allTopics } from '#contracts';
import type { EventLog, Journal } from '#pipeline';
import { ASSIGNMENT, EVENT_LOG, JOURNAL } from '#pipeline';
import type { KafkaSettings } from '#platform';
import { BatchKafkaServer } from './batch-kafka.server.js';
import { InProcessServer } from './in-process.server.js';
import type { StartAt } from './start-at.js';
import { KafkaEventLog } from './kafka-event-log.js';
import { InProcessLog } from './memory-event-log.js';
import type { Warn } from './connect.js';

/** The transport to serve batch handlers with: `app.connectMicroservice({ strategy: app.get(BATCH_TRANSPORT) })`. */
export const BATCH_TRANSPORT = Symbol('BatchServer');
/** Optional `StartAt`: where a group begins to read what it is given. */
export const START_AT = Symbol('StartAt');

export interface KafkaModuleOptions {
  /** Of the in-process log only; Kafka's topics have theirs. */
  readonly partitions?: number;
  readonly warn?: Warn;
}

const optional = (token: symbol): { token: symbol; optional: true } => ({ token, optional: true });

/** The event log and its consumers: Kafka when KAFKA_BROKERS is set, else in this process, durable by the JOURNAL if there is one. */
@Module({})
export class KafkaModule implements OnApplicationShutdown {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog & { close(): Promise<void> }) {}

  static forRoot(settings: KafkaSettings, options: KafkaModuleOptions = {}): DynamicModule {
    const isKafka = (settings.KAFKA_BROKERS ?? []).length > 0;
    return {
      module: KafkaModule,
      global: true,
      providers: [
        ...(isKafka ? onKafka(settings, options) : inProcess(options)),
        { provide: ASSIGNMENT, useExisting: BATCH_TRANSPORT },
      ],
      exports: [EVENT_LOG, ASSIGNMENT, BATCH_TRANSPORT],
    };
  }

  /** Nest has closed the transports by now: nobody appends any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}

const onKafka = (settings: KafkaSettings, { warn }: KafkaModuleOptions): Provider[] => [
  { provide: EVENT_LOG, useFactory: () => new KafkaEventLog(settings, warn) },
  {
    provide: BATCH_TRANSPORT,
    inject: [optional(START_AT)],
    useFactory: (startAt?: StartAt) => new BatchKafkaServer(settings, {}, startAt),
  },
];

const inProcess = ({ partitions = 1 }: KafkaModuleOptions): Provider[] => [
  {
    provide: EVENT_LOG,
    inject: [optional(JOURNAL)],
    useFactory: (journal?: Journal) => new InProcessLog({ topics: allTopics, partitions, journal: journal ?? null }),
  },
  {
    provide: BATCH_TRANSPORT,
    inject: [EVENT_LOG, optional(START_AT)],
    useFactory: (log: InProcessLog, startAt?: StartAt) => new InProcessServer(log, startAt ? { startAt } : {}),
  },
];
