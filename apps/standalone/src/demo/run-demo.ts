import { setTimeout as sleep } from 'node:timers/promises';
import { epochMs, SECOND, tenantId } from '#domain';
import type { DeliveryLog, EventLog, Views } from '#pipeline';
import { DELIVERY_LOG, EVENT_LOG, noFeedVouches, Sentinel, VIEWS } from '#pipeline';
import type { RoleContext, ShutdownSteps } from '#platform';
import type { EventFeed } from '#simulator';
import { roleNames, startRoles } from '../start-roles.js';
import { ReplayBar } from './replay-bar.js';
import { ReplayClock } from './replay-clock.js';
import { replay } from './replay.js';
import { report } from './report.js';
import { Tally } from './tally.js';

export interface DemoOptions {
  readonly feed: EventFeed;
  /** The replay takes at least this long. */
  readonly seconds: number;
  /** False: the process ends by itself after the report. */
  readonly keepsServing: boolean;
  readonly signal: AbortSignal;
}

const lastDeliveriesMs = 120 * SECOND;

/** Starts everything, replays the feed through it and says what happened. `finished` is false when the job was not done. */
export async function runDemo(
  context: RoleContext,
  options: DemoOptions,
): Promise<{ steps: ShutdownSteps; finished: Promise<boolean> }> {
  const { feed, signal } = options;
  const speed = (feed.endAt - feed.startAt) / (options.seconds * SECOND);
  const clock = new ReplayClock(feed.startAt, speed);
  const tally = new Tally();
  const running = await startRoles(roleNames, context, {
    clock,
    observer: tally.observer,
    slackMs: 0,
    feedLimits: noFeedVouches,
  });
  const finished = play();
  return { steps: running.steps, finished };

  async function play(): Promise<boolean> {
    const { app, url, pack } = running;
    process.stdout.write(
      `\nChurnwatch runs on its embedded engine: console ${url}  API ${url}/docs  mail ${url}/mailbox\n`,
    );
    process.stdout.write(
      `Replaying ${feed.name}, ${feed.total.toLocaleString('en')} events, ${Math.round(speed).toLocaleString('en')} times as fast as life.\n\n`,
    );
    const sentinel = app.get(Sentinel, { strict: false });
    const bar = new ReplayBar(feed.total, tally);
    clock.start();
    const startedAt = performance.now();
    await replay({
      feed,
      log: app.get<EventLog>(EVENT_LOG, { strict: false }),
      clock,
      observer: tally.observer,
      decidedUpTo: () => sentinel.decidedUpTo,
      onProgress: (done, at) => bar.show(done, at),
      signal,
    });
    const tookMs = performance.now() - startedAt;
    bar.stop();
    if (signal.aborted) return false;
    await everythingDelivered(app.get<DeliveryLog>(DELIVERY_LOG, { strict: false }), signal);
    clock.release();
    const views = app.get<Views>(VIEWS, { strict: false });
    const overview = await views.overview(tenantId('default'), clock.now());
    const alerts = await views.alerts(tenantId('default'), { limit: 200 });
    return report({
      feed,
      pack,
      tally,
      overview,
      alerts,
      tookMs,
      speed,
      url: url ?? '',
      keepsServing: options.keepsServing,
    });
  }
}

const anythingOpen = { dueOnly: [], now: epochMs(0), since: epochMs(-1), after: null, limit: 1 };

async function everythingDelivered(log: DeliveryLog, signal: AbortSignal): Promise<void> {
  const endsAt = performance.now() + lastDeliveriesMs;
  while (!signal.aborted && performance.now() < endsAt) {
    const { deliveries } = await log.open({ ...anythingOpen, channels: ['email', 'topic'] });
    if (deliveries.length === 0) return;
    await sleep(200);
  }
}
