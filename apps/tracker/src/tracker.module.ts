import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { AdmissionLimits } from '#contracts';
import type { Clock, TenantId } from '#domain';
import { partitionOf } from '#kafka';
import type { Assignment, DeadLetters, EventLog, Observer, WindowStore } from '#pipeline';
import { ASSIGNMENT, CLOCK, DEAD_LETTERS, EVENT_LOG, OBSERVER, ProgressReport, Tracker, WINDOW_STORE } from '#pipeline';
import type { Log } from '#platform';
import { IntakeConsumer } from './intake.consumer.js';
import { ProgressReporter } from './progress.reporter.js';

export interface TrackerOptions {
  readonly tenant: TenantId;
  readonly limits: AdmissionLimits;
  readonly maxChunkRecords: number;
  readonly progressMs: number;
  readonly log: Log;
}

@Module({})
export class TrackerModule {
  static forRoot(options: TrackerOptions): DynamicModule {
    return {
      module: TrackerModule,
      controllers: [IntakeConsumer],
      providers: [
        {
          provide: Tracker,
          inject: [WINDOW_STORE, DEAD_LETTERS, EVENT_LOG, CLOCK, OBSERVER],
          useFactory: (
            windows: WindowStore,
            deadLetters: DeadLetters,
            log: EventLog,
            clock: Clock,
            observer: Observer,
          ) => {
            const { tenant, limits, maxChunkRecords } = options;
            return new Tracker({
              windows,
              deadLetters,
              log,
              clock,
              observer,
              partitionOf,
              tenant,
              limits,
              maxChunkRecords,
            });
          },
        },
        {
          provide: ProgressReporter,
          inject: [Tracker, EVENT_LOG, ASSIGNMENT, CLOCK],
          useFactory: (tracker: Tracker, log: EventLog, assignment: Assignment, clock: Clock) =>
            new ProgressReporter(new ProgressReport(tracker, log, assignment, clock), options.progressMs, options.log),
        },
      ],
    };
  }
}
