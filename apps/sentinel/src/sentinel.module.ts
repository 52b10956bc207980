import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Clock } from '#domain';
import { partitionOf } from '#kafka';
import type {
  Assignment,
  Evaluator,
  EventLog,
  FeedLimits,
  FeedStore,
  FlagStore,
  Observer,
  StageStore,
  ValueStore,
} from '#pipeline';
import {
  ASSIGNMENT,
  CLOCK,
  EVALUATOR,
  EVENT_LOG,
  FEED_STORE,
  FLAG_STORE,
  OBSERVER,
  Sentinel,
  STAGE_STORE,
  VALUE_STORE,
} from '#pipeline';
import { TouchedConsumer } from './touched.consumer.js';

export interface SentinelOptions {
  readonly slackMs: number;
  readonly noteEveryMs: number;
  readonly latenessMs: number;
  readonly feedLimits: FeedLimits;
}

@Module({})
export class SentinelModule {
  static forRoot(options: SentinelOptions): DynamicModule {
    return {
      module: SentinelModule,
      controllers: [TouchedConsumer],
      providers: [
        {
          provide: Sentinel,
          inject: [EVALUATOR, FLAG_STORE, STAGE_STORE, VALUE_STORE, FEED_STORE, EVENT_LOG, ASSIGNMENT, CLOCK, OBSERVER],
          useFactory: (
            evaluator: Evaluator,
            flags: FlagStore,
            stages: StageStore,
            values: ValueStore,
            feeds: FeedStore,
            log: EventLog,
            assignment: Assignment,
            clock: Clock,
            observer: Observer,
          ) => {
            const { feedLimits: limits, ...rest } = options;
            const watched = limits.vouchesFromPerHour > 0 ? { feeds: { store: feeds, limits } } : {};
            return new Sentinel({
              evaluator,
              flags,
              stages,
              values,
              log,
              assignment,
              clock,
              observer,
              partitionOf,
              ...rest,
              ...watched,
            });
          },
        },
      ],
    };
  }
}
