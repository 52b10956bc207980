import { setTimeout as sleep } from 'node:timers/promises';
import { encodeEvent } from '#contracts';
import type { Clock, EpochMs } from '#domain';
import { DAY, plus, systemClock } from '#domain';
import type { EventFeed } from '#simulator';
import type { GatewayClient } from './gateway-client.js';
import type { ProgressBar } from './terminal.js';

export interface PlayRequest {
  readonly feed: EventFeed;
  readonly gateway: GatewayClient;
  /** Simulated seconds per second; 0: as fast as the gateway takes them. */
  readonly speed: number;
  readonly bar: (total: number) => ProgressBar;
  readonly clock?: Clock;
  readonly pause?: (ms: number) => Promise<unknown>;
}

export interface PlayResult {
  readonly accepted: number;
  readonly rejected: number;
}

const mostBatchEvents = 500;
const tickMs = 100;

/**
 * Plays a feed to the gateway with its times moved so that it ended within the last day: a live pipeline refuses the
 * future. Ids stay, so what is sent twice is recognised.
 */
export async function playFeed({ feed, gateway, speed, bar, ...options }: PlayRequest): Promise<PlayResult> {
  const clock = options.clock ?? systemClock;
  const pause = options.pause ?? ((ms: number) => sleep(ms));
  const startedAt = clock.now();
  // In whole days, so that a second run on the same day sends the very same events.
  const shiftMs = Math.floor((startedAt - feed.endAt) / DAY) * DAY;
  const progress = bar(feed.endAt - feed.startAt);
  const dueAt = (at: EpochMs): EpochMs => (speed === 0 ? startedAt : plus(startedAt, (at - feed.startAt) / speed));
  let batch: object[] = [];
  let accepted = 0;
  let rejected = 0;
  const flush = async (reached: EpochMs): Promise<void> => {
    if (batch.length > 0) {
      const sent = batch;
      batch = [];
      const outcomes = await gateway.send(sent);
      const taken = outcomes.filter(({ outcome }) => outcome === 'accepted').length;
      accepted += taken;
      rejected += outcomes.length - taken;
    }
    progress.advance(reached - feed.startAt, `${accepted} accepted, ${rejected} rejected`);
  };
  for (const event of feed.events()) {
    const waitMs = dueAt(event.receivedAt) - clock.now();
    if (waitMs > tickMs) {
      await flush(event.receivedAt);
      await pause(waitMs);
    }
    const moved = {
      ...event,
      occurredAt: plus(event.occurredAt, shiftMs),
      receivedAt: plus(event.receivedAt, shiftMs),
    };
    batch.push(JSON.parse(new TextDecoder().decode(encodeEvent(moved))) as object);
    if (batch.length >= mostBatchEvents) await flush(event.receivedAt);
  }
  await flush(feed.endAt);
  progress.end();
  return { accepted, rejected };
}
