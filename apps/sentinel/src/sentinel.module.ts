import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Clock, SpikeLimits } from '#domain';
import { partitionOf } from '#kafka';
import type {
  Assignment,
  CellStore,
  EvaluatorInForce,
  EventLog,
  FeedLimits,
  FeedStore,
  FlagStore,
  IncidentStore,
  Observer,
  StageStore,
  ValueStore,
} from '#pipeline';
import {
  ASSIGNMENT,
  CELL_STORE,
  CLOCK,
  EVALUATOR,
  EVENT_LOG,
  FEED_STORE,
  FLAG_STORE,
  INCIDENT_STORE,
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
  readonly historySettleMs: number;
  readonly feedLimits: FeedLimits;
  /** From 0 customers on: nobody looks for incidents. */
  readonly spikeLimits: SpikeLimits;
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
          inject: [
            EVALUATOR,
            FLAG_STORE,
            STAGE_STORE,
            VALUE_STORE,
            FEED_STORE,
            INCIDENT_STORE,
            CELL_STORE,
            EVENT_LOG,
            ASSIGNMENT,
            CLOCK,
            OBSERVER,
          ],
          useFactory: (
            evaluator: EvaluatorInForce,
            flags: FlagStore,
            stages: StageStore,
            values: ValueStore,
            feeds: FeedStore,
            incidents: IncidentStore,
            cells: CellStore,
            log: EventLog,
            assignment: Assignment,
            clock: Clock,
            observer: Observer,
          ) => {
            const { feedLimits: limits, spikeLimits, ...rest } = options;
            const { vouchesFromPerHour } = limits;
            const watched = vouchesFromPerHour > 0 ? { feeds: { store: feeds, limits } } : {};
            const listened = vouchesFromPerHour > 0 ? { cells: { store: cells, vouchesFromPerHour } } : {};
            const looked =
              spikeLimits.fromCustomers > 0
                ? { incidents: { store: incidents, limits: spikeLimits, ...listened } }
                : {};
            return new Sentinel({
              inForce: () => evaluator.current,
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
              ...looked,
            });
          },
        },
      ],
    };
  }
}
