import { setTimeout as sleep } from 'node:timers/promises';
import { defaultAdmissionLimits } from '#contracts';
import type { ActivityEvent, EpochMs } from '#domain';
import { epochMs, isoOf, tenantId } from '#domain';
import type { EventLog, Observer } from '#pipeline';
import { admitter } from '#pipeline';
import type { EventFeed } from '#simulator';
import type { ReplayClock } from './replay-clock.js';

export interface ReplayParts {
  readonly feed: EventFeed;
  readonly log: EventLog;
  readonly clock: ReplayClock;
  readonly observer: Observer;
  /** Up to where everything is decided; null before the first report. */
  readonly decidedUpTo: () => EpochMs | null;
  readonly onProgress: (done: number, at: EpochMs) => void;
  readonly signal: AbortSignal;
}

/** Events handed over between two looks at the clock. */
const mostAtOnce = 5_000;
/** Between two hand-overs: many small ones would cost the store more than the events in them. */
const pauseMs = 100;
const lookMs = 20;
/** How far the detection may lag behind, in wall time, before the replay waits for it. */
const mostBehindMs = 1_500;

/**
 * Hands a feed's events to the intake at the pace of an accelerated clock, as a producer would: an event goes out when
 * the clock has reached it. Waits when the detection falls behind. Answers with the number handed over.
 */
export async function replay(parts: ReplayParts): Promise<number> {
  const { feed, clock, log, observer, onProgress, signal } = parts;
  const admit = admitter({ log, clock, observe: observer, limits: defaultAdmissionLimits });
  const tenant = tenantId('default');
  let done = 0;
  const hand = async (events: readonly ActivityEvent[]): Promise<void> => {
    if (events.length > 0)
      await admit(
        tenant,
        events.map((event) => () => ({ kind: 'admitted', event })),
      );
    done += events.length;
  };

  const waiting: ActivityEvent[] = [];
  for (const event of feed.events()) {
    if (signal.aborted) return done;
    while (event.receivedAt >= clock.wanted || waiting.length >= mostAtOnce) {
      await hand(waiting.splice(0));
      clock.handedOver(event.receivedAt < clock.wanted ? event.receivedAt : clock.wanted);
      onProgress(done, clock.now());
      await sleep(pauseMs);
      await caughtUp(parts, mostBehindMs * clock.speed);
      if (signal.aborted) return done;
    }
    waiting.push(event);
  }
  await hand(waiting);
  clock.handedOver(feed.endAt);
  while (clock.now() < feed.endAt && !signal.aborted) await sleep(lookMs);
  await caughtUp(parts, 0);
  onProgress(done, feed.endAt);
  return done;
}

/** Resolves once everything but the last `behindMs` of the clock is decided. */
async function caughtUp({ clock, decidedUpTo, signal }: ReplayParts, behindMs: number): Promise<void> {
  const target = epochMs(clock.now() - behindMs);
  const startedAt = performance.now();
  while (!signal.aborted && (decidedUpTo() ?? 0) < target) await sleep(lookMs);
  clock.excuse(performance.now() - startedAt);
}

export const dayOf = (at: EpochMs): string => isoOf(at).slice(0, 10);
