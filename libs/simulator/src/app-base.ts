import type { ActivityEvent } from '#domain';
import { DAY } from '#domain';
import { DayWriter } from './app-day.js';
import type { AppBaseOptions, AppPlan } from './app-plan.js';
import { planAppBase } from './app-plan.js';
import type { EventFeed } from './feed.js';
import type { FeedOutage, GroundTruth } from './ground-truth.js';

/** A made-up customer base of a client app, and what really went on in it. */
export interface AppBase extends EventFeed {
  readonly truth: GroundTruth;
  /** Everything that happened, in the order it happened, as though no feed had ever been down. */
  happened(): Iterable<ActivityEvent>;
}

/**
 * Simulates a client-app base. Pure: the same options give the same events and truth, on every machine. Holds the customers'
 * plans and one day of events at a time, so memory follows the customers, not the days.
 */
export function simulate(options: AppBaseOptions): AppBase {
  const plan = planAppBase(options);
  let counted: number | undefined;
  return {
    name: 'app-base',
    startAt: plan.startAt,
    endAt: plan.endAt,
    truth: plan.truth,
    get total() {
      if (counted === undefined) {
        counted = 0;
        for (const day of byDay(plan, plan.truth.outage)) counted += day.length;
      }
      return counted;
    },
    *events() {
      for (const day of byDay(plan, plan.truth.outage)) yield* day;
    },
    *happened() {
      for (const day of byDay(plan, null)) yield* day;
    },
  };
}

/** The events delivered on each day. A session past midnight, or a feed that was down, hands events on to a later day. */
function* byDay(plan: AppPlan, outage: FeedOutage | null): Generator<readonly ActivityEvent[]> {
  let waiting: ActivityEvent[] = [];
  const writer = new DayWriter(plan, (event) => {
    const delivered = throughOutage(event, outage);
    if (delivered && delivered.receivedAt < plan.endAt) waiting.push(delivered);
  });
  for (let day = 0; day < plan.days; day++) {
    for (const person of plan.people) writer.write(person, day);
    waiting.sort((a, b) => a.receivedAt - b.receivedAt || a.occurredAt - b.occurredAt);
    const endsAt = plan.startAt + (day + 1) * DAY;
    const tomorrow = waiting.findIndex((event) => event.receivedAt >= endsAt);
    const today = tomorrow < 0 ? waiting : waiting.slice(0, tomorrow);
    waiting = tomorrow < 0 ? [] : waiting.slice(tomorrow);
    yield today;
  }
}

function throughOutage(event: ActivityEvent, outage: FeedOutage | null): ActivityEvent | null {
  if (!outage || event.appVersion !== outage.appVersion) return event;
  if (event.occurredAt < outage.from || event.occurredAt >= outage.until) return event;
  return outage.withheld === 'lost' ? null : { ...event, receivedAt: outage.until };
}
