import type { DynamicModule, ModuleMetadata } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Clock, Pack } from '#domain';
import type { EventLog } from '#pipeline';
import { CHANNELS, CLOCK, EVENT_LOG, PACK } from '#pipeline';
import type { ChannelSettings } from './registry.js';
import { channelsOf, mailboxOf } from './registry.js';

/** The mailbox, or null where mails go to a server. */
export const MAILBOX = Symbol('Mailbox');

/** Needs CLOCK, EVENT_LOG and PACK from `imports` or from a global module. Closing the channels is the courier's part. */
@Module({})
export class ChannelsModule {
  static forRoot(settings: ChannelSettings, imports: ModuleMetadata['imports'] = []): DynamicModule {
    return {
      module: ChannelsModule,
      imports,
      providers: [
        {
          provide: CHANNELS,
          useFactory: (log: EventLog, clock: Clock, pack: Pack) => channelsOf(settings, { log, clock, pack }),
          inject: [EVENT_LOG, CLOCK, PACK],
        },
        { provide: MAILBOX, useFactory: () => mailboxOf(settings) },
      ],
      exports: [CHANNELS, MAILBOX],
    };
  }
}
