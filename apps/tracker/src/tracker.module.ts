import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { AdmissionLimits } from '#contracts';
import type { Clock, TenantId } from '#domain';
import { partitionOf } from '#kafka';
import type {
  Assignment,
  CapLimits,
  DeadLetters,
  DuplicateParts,
  EventLog,
  IdentityStore,
  Observer,
  WindowStore,
} from '#pipeline';
import {
  ASSIGNMENT,
  CLOCK,
  DEAD_LETTERS,
  Duplicates,
  EVENT_LOG,
  IDENTITY_STORE,
  OBSERVER,
  ProgressReport,
  Tracker,
  WINDOW_STORE,
} from '#pipeline';
import type { Log } from '#platform';
import { IntakeConsumer } from './intake.consumer.js';
import { ProgressReporter } from './progress.reporter.js';

export interface TrackerOptions {
  readonly tenant: TenantId;
  readonly limits: AdmissionLimits;
  readonly maxChunkRecords: number;
  readonly cap: CapLimits;
  /** Null: what a producer sends twice is counted twice. */
  readonly duplicates: Pick<DuplicateParts, 'windowMs' | 'memoryBytes'> | null;
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
          inject: [WINDOW_STORE, IDENTITY_STORE, DEAD_LETTERS, EVENT_LOG, CLOCK, OBSERVER],
          useFactory: (
            windows: WindowStore,
            store: IdentityStore,
            deadLetters: DeadLetters,
            log: EventLog,
            clock: Clock,
            observer: Observer,
          ) => {
            const { tenant, limits, maxChunkRecords, cap, duplicates } = options;
            return new Tracker({
              windows,
              deadLetters,
              log,
              clock,
              observer: tellingOfStops(observer, options.log),
              partitionOf,
              tenant,
              limits,
              maxChunkRecords,
              cap,
              ...(duplicates && { duplicates: new Duplicates({ store, clock, ...duplicates }) }),
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

/** A partition that stands still is said once, and once that it goes on. */
const tellingOfStops =
  (observer: Observer, log: Log): Observer =>
  (seen) => {
    observer(seen);
    if (seen.kind !== 'capped') return;
    const { topic, partition, text } = seen;
    if (seen.isStopped) log.error('partition-stopped', { code: 'DEAD_LETTER_CAP', topic, partition, text });
    else log.info('partition-goes-on', { topic, partition });
  };
