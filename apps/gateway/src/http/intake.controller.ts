import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { AdmitAnswer, ItemOutcome, SegmentCall } from '#contracts';
import type { Admission } from '#domain';
import type { Admit } from '#pipeline';
import { GATEWAY_SETTINGS } from '../gateway-settings.js';
import type { GatewaySettings } from '../gateway-settings.js';
import type { RequestItem } from './intake-request.js';
import { itemsOfEvents, itemsOfSegment } from './intake-request.js';
import type { RawRequest } from './raw-request.js';
import { bodyOf } from './raw-request.js';
import { RequestProblem } from './problem.js';
import { tenantOf } from './tenant.js';

export const ADMIT = Symbol('Admit');

@Controller('v1')
export class IntakeController {
  constructor(
    @Inject(ADMIT) private readonly admit: Admit,
    @Inject(GATEWAY_SETTINGS) private readonly settings: GatewaySettings,
  ) {}

  @Post('events')
  @HttpCode(202)
  events(@Req() request: RawRequest): Promise<AdmitAnswer> {
    return this.take(itemsOfEvents(bodyOf(request), request.headers));
  }

  @Post('track')
  @HttpCode(202)
  track(@Req() request: RawRequest): Promise<AdmitAnswer> {
    return this.takeCall('track', request);
  }

  @Post('identify')
  @HttpCode(202)
  identify(@Req() request: RawRequest): Promise<AdmitAnswer> {
    return this.takeCall('identify', request);
  }

  @Post('page')
  @HttpCode(202)
  page(@Req() request: RawRequest): Promise<AdmitAnswer> {
    return this.takeCall('page', request);
  }

  @Post('screen')
  @HttpCode(202)
  screen(@Req() request: RawRequest): Promise<AdmitAnswer> {
    return this.takeCall('screen', request);
  }

  @Post('batch')
  @HttpCode(202)
  batch(@Req() request: RawRequest): Promise<AdmitAnswer> {
    return this.takeCall('batch', request);
  }

  private takeCall(path: SegmentCall | 'batch', request: RawRequest): Promise<AdmitAnswer> {
    return this.take(itemsOfSegment(path, bodyOf(request)));
  }

  private async take(items: readonly RequestItem[]): Promise<AdmitAnswer> {
    if (items.length === 0) throw new RequestProblem(400, 'The request holds no event.');
    if (items.length > this.settings.maxItems)
      throw new RequestProblem(
        400,
        `The request holds ${items.length} events, at most ${this.settings.maxItems} are taken: send several requests.`,
      );
    const admissions = await this.admit(
      tenantOf(),
      items.map((item) => item.read),
    );
    const outcomes = admissions.map((admission, index) => outcomeOf(admission, index, items[index]!.id));
    const accepted = outcomes.filter(({ outcome }) => outcome === 'accepted').length;
    const answer = { accepted, rejected: outcomes.length - accepted, items: outcomes };
    if (accepted === 0) throw new RequestProblem(422, 'No event was accepted: `items` says why.', answer);
    return answer;
  }
}

function outcomeOf(admission: Admission, index: number, id: string | null): ItemOutcome {
  if (admission.kind === 'admitted') return { index, id: admission.event.id, outcome: 'accepted' };
  return { index, id, outcome: 'rejected', reason: admission.reason, detail: admission.detail };
}
