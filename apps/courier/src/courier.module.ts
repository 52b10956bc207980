import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { ChannelSettings } from '#channels';
import { ChannelsModule } from '#channels';
import type { Alert, Clock, Incident, Pack } from '#domain';
import { DAY, isExplainedBy } from '#domain';
import type { Assignment, CellStore, Channel, DeliveryLog, EventLog, Observer } from '#pipeline';
import {
  ASSIGNMENT,
  CELL_STORE,
  Cells,
  CHANNELS,
  CLOCK,
  Courier,
  DELIVERY_LOG,
  Earshot,
  EVENT_LOG,
  OBSERVER,
  PACK,
  schedulerOf,
} from '#pipeline';
import type { CourierSettings, Log } from '#platform';
import { AlertShare } from './alert-share.js';
import { CourierRounds } from './courier.rounds.js';
import { MailboxController } from './mailbox.controller.js';
import { COURIER_LOG, READER_LOCALE } from './tokens.js';
import { TransitionsConsumer } from './transitions.consumer.js';

export interface CourierOptions {
  readonly settings: ChannelSettings & Pick<CourierSettings, 'ALERT_TTL_DAYS'>;
  /** What a version, platform or channel must usually send to vouch for its customers' silence. 0: none does. */
  readonly vouchesFromPerHour: number;
  readonly log: Log;
}

/** Whoever looks into the log finds what an endpoint was like. */
const noting =
  (log: Log, observer: Observer): Observer =>
  (seen) => {
    observer(seen);
    if (seen.kind !== 'circuit') return;
    const { channel, state, restMs } = seen;
    if (state === 'gone') log.error('endpoint-gone', { channel });
    else if (state === 'open') log.warn('circuit-opened', { channel, restMs });
    else log.info(state === 'closed' ? 'circuit-closed' : 'circuit-probes', { channel });
  };

/** First tries, and again later ones, held in memory per channel; the rest waits in the outbox. */
const queue = 10_000;

/**
 * Needs CLOCK, OBSERVER, EVENT_LOG, ASSIGNMENT, DELIVERY_LOG, CELL_STORE and PACK from global modules. Whoever stops the process
 * calls `CourierRounds.drain` once batches are finished and before the log and the store are closed.
 */
@Module({})
export class CourierModule {
  static forRoot({ settings, vouchesFromPerHour, log }: CourierOptions): DynamicModule {
    return {
      module: CourierModule,
      imports: [ChannelsModule.forRoot(settings)],
      controllers: settings.SMTP_URL === undefined ? [TransitionsConsumer, MailboxController] : [TransitionsConsumer],
      providers: [
        { provide: COURIER_LOG, useValue: log },
        { provide: READER_LOCALE, useValue: settings.LOCALE },
        {
          provide: AlertShare,
          inject: [EVENT_LOG, ASSIGNMENT],
          useFactory: (events: EventLog, assignment: Assignment) => new AlertShare(events, assignment),
        },
        {
          provide: Courier,
          inject: [CHANNELS, DELIVERY_LOG, CELL_STORE, CLOCK, OBSERVER, PACK, AlertShare],
          useFactory: (
            channels: readonly Channel[],
            deliveries: DeliveryLog,
            store: CellStore,
            clock: Clock,
            observer: Observer,
            pack: Pack,
            share: AlertShare,
          ) => {
            const explains = ({ kinds }: Pick<Incident, 'kinds'>, alert: Alert): boolean => {
              const rule = pack.rules.find(({ id }) => id === alert.rule);
              return rule !== undefined && isExplainedBy(rule, pack.signals, kinds);
            };
            const isOfAbsence = (alert: Alert): boolean => explains({ kinds: ['silent'] }, alert);
            const cells = new Cells(store, vouchesFromPerHour);
            return new Courier(
              {
                channels,
                log: deliveries,
                clock,
                scheduler: schedulerOf(clock),
                random: Math.random,
                observer: noting(log, observer),
                owns: (alert) => share.owns(alert),
                explains,
                ...(vouchesFromPerHour > 0 ? { earshot: new Earshot(cells, store, isOfAbsence) } : {}),
              },
              { concurrency: settings.COURIER_CONCURRENCY, ttlMs: settings.ALERT_TTL_DAYS * DAY, queue },
            );
          },
        },
        {
          provide: CourierRounds,
          inject: [Courier, AlertShare, CHANNELS],
          useFactory: (courier: Courier, share: AlertShare, channels: readonly Channel[]) =>
            new CourierRounds(courier, share, channels, log),
        },
      ],
      exports: [CourierRounds],
    };
  }
}
