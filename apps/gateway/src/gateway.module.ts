import type { DynamicModule, ModuleMetadata } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Clock } from '#domain';
import type { Admit, EventLog, Observer } from '#pipeline';
import { admitter, CLOCK, EVENT_LOG, OBSERVER } from '#pipeline';
import type { GatewaySettings } from './gateway-settings.js';
import { GATEWAY_SETTINGS } from './gateway-settings.js';
import { AboutController } from './http/about.controller.js';
import { ADMIT, IntakeController } from './http/intake.controller.js';
import { ViewsController } from './http/views.controller.js';

/**
 * The front door. `imports` brings the ports: EVENT_LOG, VIEWS, DEAD_LETTERS, PACK, CLOCK and OBSERVER (unless a
 * global module does).
 */
@Module({})
export class GatewayModule {
  static with(settings: GatewaySettings, imports: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
    return {
      module: GatewayModule,
      imports,
      controllers: [IntakeController, ViewsController, AboutController],
      providers: [
        { provide: GATEWAY_SETTINGS, useValue: settings },
        {
          provide: ADMIT,
          inject: [EVENT_LOG, CLOCK, OBSERVER],
          useFactory: (log: EventLog, clock: Clock, observe: Observer): Admit =>
            admitter({ log, clock, observe, limits: settings.limits }),
        },
      ],
    };
  }
}
