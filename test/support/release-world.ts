import type { ActivityEvent, EpochMs, EventType, Extent } from '#domain';
import { customerId, DAY, epochMs, HOUR, MINUTE, plus, SECOND, tenantId } from '#domain';
import { Random } from '../../libs/simulator/src/random.js';
import { StoryWorld } from './story-world.js';

/** A Tuesday. Half of the customers have version 5.2.0 from here on. */
export const releasedAt = epochMs(Date.UTC(2026, 2, 10, 9));
export const brokenAt = plus(releasedAt, HOUR);
export const fixedAt = plus(releasedAt, 3 * HOUR);
const historyDays = 3;
const everyMs = 15 * MINUTE;

export interface Person extends Extent {
  readonly name: string;
  /** Of those who cannot log in: whether they are there again after the fix. */
  readonly comesBack: boolean;
}

/** Sixty of them have 5.2.0 from Yingyongbao. */
export const people: readonly Person[] = Array.from({ length: 240 }, (_, n) => {
  const [platform, channel] = [
    ['android', 'yingyongbao'],
    ['android', 'baidu'],
    ['android', 'yingyongbao'],
    ['ios', 'app-store'],
  ][n % 4] as [string, string];
  const appVersion = n % 8 < 4 ? '5.2.0' : '5.1.0';
  return { name: `${channel}-${n}`, platform, channel, appVersion, comesBack: n % 3 !== 0 };
});
export const isHit = ({ appVersion, channel }: Extent): boolean => appVersion === '5.2.0' && channel === 'yingyongbao';

function anEvent(person: Person, type: EventType, at: EpochMs, amount: number | null = null): ActivityEvent {
  const { name, platform, channel } = person;
  const appVersion = at < releasedAt ? '5.1.0' : person.appVersion;
  const what = { tenant: tenantId('default'), source: 'app', type, customer: customerId(name), amount, attributes: {} };
  return { ...what, id: `${name}-${type}-${at}`, occurredAt: at, receivedAt: at, platform, channel, appVersion };
}

/** Three days in which each comes six times, buys once for ten, and hardly ever cannot log in. */
function history(): ActivityEvent[] {
  const random = new Random(510);
  return people.flatMap((person) =>
    Array.from({ length: historyDays * 6 }, (_, n) => {
      const at = plus(releasedAt, -historyDays * DAY + n * 4 * HOUR + random.whole(0, 3 * HOUR));
      const events = [anEvent(person, 'app_open', at), anEvent(person, 'login', plus(at, 5 * SECOND))];
      // Those the story is about have had no trouble before: who had is told of at the first new one.
      if (random.chance(0.02) && !isHit(person)) events.push(anEvent(person, 'login_failed', plus(at, 3 * SECOND)));
      if (n === 3) events.push(anEvent(person, 'order', plus(at, MINUTE), 10));
      return events;
    }).flat(),
  );
}

/** Everybody comes every quarter of an hour; until the fix, 5.2.0 from Yingyongbao lets nobody log in. */
function storyOf(person: Person, index: number): ActivityEvent[] {
  const first = plus(releasedAt, (index % 15) * MINUTE + 7 * SECOND);
  return Array.from({ length: 16 }, (_, n): ActivityEvent[] => {
    const at = plus(first, n * everyMs);
    if (!isHit(person) || at < brokenAt)
      return [anEvent(person, 'app_open', at), anEvent(person, 'login', plus(at, SECOND))];
    if (at >= fixedAt) return person.comesBack ? [anEvent(person, 'login', at)] : [];
    return [
      anEvent(person, 'app_open', at),
      ...[1, 2, 3].map((again) => anEvent(person, 'login_failed', plus(at, again * 10 * SECOND))),
    ];
  }).flat();
}

/** The app stores' story: a release, a channel on which nobody can log in any more, and the fix. */
export class ReleaseWorld extends StoryWorld {
  /** `more`: what befalls some besides. */
  constructor(
    more: readonly (readonly [Person, EventType, EpochMs])[] = [],
    env: Readonly<Record<string, string>> = {},
  ) {
    const happenings = [...people.flatMap(storyOf), ...more.map(([person, type, at]) => anEvent(person, type, at))];
    super(
      releasedAt,
      history().filter(({ occurredAt }) => occurredAt < releasedAt),
      happenings,
      { env },
    );
  }
}
