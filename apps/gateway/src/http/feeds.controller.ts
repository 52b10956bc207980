import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { FeedsAnswer } from '#contracts';
import { isoOf, SECOND } from '#domain';
import type { FeedsNow } from '#pipeline';
import { FeedDesk } from '#pipeline';
import { GATEWAY_SETTINGS } from '../gateway-settings.js';
import type { GatewaySettings } from '../gateway-settings.js';
import { RequestProblem } from './problem.js';
import { tenantOf } from './tenant.js';

@Controller('v1/feeds')
export class FeedsController {
  constructor(
    @Inject(FeedDesk) private readonly desk: FeedDesk,
    @Inject(GATEWAY_SETTINGS) private readonly settings: GatewaySettings,
  ) {}

  @Get()
  async feeds(): Promise<FeedsAnswer> {
    return feedsAnswerOf(await this.desk.now(tenantOf()), this.settings.feedLimits.vouchesFromPerHour);
  }

  @Post(':source/retire')
  @HttpCode(204)
  async retire(@Param('source') source: string): Promise<void> {
    if (!(await this.desk.retire(tenantOf(), source)))
      throw new RequestProblem(404, 'Nothing has been heard of this feed in the last 7 days.');
  }
}

const feedsAnswerOf = ({ asOf, heldAt, feeds }: FeedsNow, vouchesFromPerHour: number): FeedsAnswer => ({
  asOf: isoOf(asOf),
  heldAt: heldAt === null ? null : isoOf(heldAt),
  vouchesFromPerHour,
  items: feeds.map((feed) => ({
    source: feed.source,
    eventsPerHour: Math.round(feed.eventsPerHour * 10) / 10,
    heardUpTo: isoOf(feed.heardUpTo),
    lastArrivedAt: isoOf(feed.lastArrivedAt),
    usualLagSeconds: feed.usualLagMs / SECOND,
    longestGapSeconds: feed.longestGapMs / SECOND,
    vouches: feed.vouches,
    silentSince: feed.silentSince === null ? null : isoOf(feed.silentSince),
    holding: feed.vouches && feed.heardUpTo === heldAt,
  })),
});
