import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import type {
  AlertsAnswer,
  CustomerAnswer,
  ExplanationAnswer,
  OverviewAnswer,
  PackAnswer,
  StagesAnswer,
} from '#contracts';
import type { Clock, Pack } from '#domain';
import { alertId, customerId, ruleId } from '#domain';
import type { Views } from '#pipeline';
import { CLOCK, Explainer, PACK, VIEWS } from '#pipeline';
import { GATEWAY_SETTINGS } from '../gateway-settings.js';
import type { GatewaySettings } from '../gateway-settings.js';
import { cursorAfter, readCursor } from './cursor.js';
import { alertsAnswerOf, customerAnswerOf, explanationAnswerOf, overviewAnswerOf, packAnswerOf } from './present.js';
import { RequestProblem } from './problem.js';
import { checked } from './query.js';
import { tenantOf } from './tenant.js';

const limit = z.coerce.number().int().min(1).max(200).default(50);
const name = z.string().min(1).max(200).optional();
const alertsQuery = z.strictObject({ limit, cursor: z.string().optional(), customer: name, rule: name });

@Controller('v1')
export class ViewsController {
  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(PACK) private readonly pack: Pack,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(GATEWAY_SETTINGS) private readonly settings: GatewaySettings,
    @Inject(Explainer) private readonly explainer: Explainer,
  ) {}

  @Get('customers/:id')
  async customer(@Param('id') id: string): Promise<CustomerAnswer> {
    const view = await this.views.customer(tenantOf(), customerId(id), this.clock.now());
    if (view === null) throw new RequestProblem(404, 'Nothing is known of this customer.');
    return customerAnswerOf(view);
  }

  @Get('stages')
  async stages(): Promise<StagesAnswer> {
    return { stages: [...(await this.views.stages(tenantOf()))] };
  }

  @Get('alerts')
  async alerts(@Query() query: unknown): Promise<AlertsAnswer> {
    const asked = checked(alertsQuery, query);
    const before = asked.cursor === undefined ? undefined : readCursor(asked.cursor);
    if (asked.cursor !== undefined && before === undefined)
      throw new RequestProblem(400, 'cursor: pass `nextCursor` of the page before as it came.');
    // One more than asked for tells whether there is a next page.
    const found = await this.views.alerts(tenantOf(), {
      limit: asked.limit + 1,
      ...(asked.customer === undefined ? {} : { customer: customerId(asked.customer) }),
      ...(asked.rule === undefined ? {} : { rule: ruleId(asked.rule) }),
      ...(before === undefined ? {} : { before }),
    });
    const page = found.slice(0, asked.limit);
    const last = page.at(-1);
    return alertsAnswerOf(page, found.length > asked.limit && last !== undefined ? cursorAfter(last) : null);
  }

  @Get('alerts/:id/explanation')
  async explanation(@Param('id') id: string): Promise<ExplanationAnswer> {
    const explained = await this.explainer.explain(tenantOf(), alertId(id));
    if (explained === 'no-such-alert') throw new RequestProblem(404, 'There is no alert of this id.');
    if (explained === 'rule-not-kept')
      throw new RequestProblem(404, 'How the rule was when this alert was decided has not been kept.');
    return explanationAnswerOf(explained);
  }

  @Get('overview')
  async overview(): Promise<OverviewAnswer> {
    return overviewAnswerOf(await this.views.overview(tenantOf(), this.clock.now()));
  }

  @Get('pack')
  rulesAndSignals(): PackAnswer {
    return packAnswerOf(this.pack, this.settings.locale);
  }
}
