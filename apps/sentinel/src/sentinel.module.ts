import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Clock } from '#domain';
import type { Assignment, Evaluator, EventLog, FlagStore, Observer } from '#pipeline';
import { ASSIGNMENT, CLOCK, EVALUATOR, EVENT_LOG, FLAG_STORE, OBSERVER, Sentinel } from '#pipeline';
import { TouchedConsumer } from './touched.consumer.js';

export interface SentinelOptions {
  readonly slackMs: number;
  readonly noteEveryMs: number;
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
          inject: [EVALUATOR, FLAG_STORE, EVENT_LOG, ASSIGNMENT, CLOCK, OBSERVER],
          useFactory: (
            evaluator: Evaluator,
            flags: FlagStore,
            log: EventLog,
            assignment: Assignment,
            clock: Clock,
            observer: Observer,
          ) => new Sentinel({ evaluator, flags, log, assignment, clock, observer, ...options }),
        },
      ],
    };
  }
}
