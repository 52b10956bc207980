import type { DynamicModule, ModuleMetadata } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Clock, Pack } from '#domain';
import type { Admit, DeadLetters, Evaluator, EventLog, FeedStore, Observer, RuleStore, Views } from '#pipeline';
import {
  admitter,
  CLOCK,
  DEAD_LETTERS,
  EVALUATOR_OF,
  EVENT_LOG,
  Explainer,
  FEED_STORE,
  FeedDesk,
  OBSERVER,
  Replayer,
  RULE_STORE,
  VIEWS,
} from '#pipeline';
import type { GatewaySettings } from './gateway-settings.js';
import { GATEWAY_SETTINGS } from './gateway-settings.js';
import { AboutController } from './http/about.controller.js';
import { FeedsController } from './http/feeds.controller.js';
import { IncidentsController } from './http/incidents.controller.js';
import { ADMIT, IntakeController } from './http/intake.controller.js';
import { LettersController, REPLAYER } from './http/letters.controller.js';
import { ViewsController } from './http/views.controller.js';

/**
 * The front door. `imports` brings the ports: EVENT_LOG, VIEWS, RULE_STORE, EVALUATOR_OF, DEAD_LETTERS, FEED_STORE,
 * INCIDENT_STORE, PACK, CLOCK and OBSERVER (unless a global module does).
 */
@Module({})
export class GatewayModule {
  static with(settings: GatewaySettings, imports: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
    return {
      module: GatewayModule,
      imports,
      controllers: [
        IntakeController,
        ViewsController,
        LettersController,
        AboutController,
        FeedsController,
        IncidentsController,
      ],
      providers: [
        { provide: GATEWAY_SETTINGS, useValue: settings },
        {
          provide: ADMIT,
          inject: [EVENT_LOG, CLOCK, OBSERVER],
          useFactory: (log: EventLog, clock: Clock, observe: Observer): Admit =>
            admitter({ log, clock, observe, limits: settings.limits }),
        },
        {
          provide: Explainer,
          inject: [VIEWS, RULE_STORE, EVALUATOR_OF],
          useFactory: (views: Views, rules: RuleStore, evaluatorOf: (pack: Pack) => Evaluator) =>
            new Explainer({ views, rules, evaluatorOf }),
        },
        {
          provide: FeedDesk,
          inject: [FEED_STORE, EVENT_LOG, CLOCK],
          useFactory: (store: FeedStore, log: EventLog, clock: Clock) =>
            new FeedDesk({ store, log, clock, limits: settings.feedLimits }),
        },
        {
          provide: REPLAYER,
          inject: [ADMIT, DEAD_LETTERS, CLOCK],
          useFactory: (admit: Admit, deadLetters: DeadLetters, clock: Clock): Replayer =>
            new Replayer({ admit, deadLetters, clock, limits: settings.limits }),
        },
      ],
    };
  }
}
