import type { ActivityEvent, EpochMs, Extent } from '#domain';
import { customerId, DAY, epochMs, HOUR, MINUTE, plus, SECOND, tenantId } from '#domain';
import type { FeedLimits } from '#pipeline';
import { StoryWorld } from './story-world.js';

/** A Tuesday, far from any holiday. */
export const beginsAt = epochMs(Date.UTC(2026, 2, 24, 8));
export const silentFrom = plus(beginsAt, HOUR);
export const heardFrom = plus(silentFrom, 6 * HOUR);
export const endsAt = plus(heardFrom, 4 * HOUR);
const pastDays = 22;

export interface Person extends Extent {
  readonly name: string;
}
const cells: readonly Extent[] = ['5.1.0', '5.2.0'].flatMap((appVersion) =>
  ['yingyongbao', 'baidu'].map((channel) => ({ appVersion, platform: 'android', channel })),
);
const peopleOf = (kind: string, each: number, some = cells): readonly Person[] =>
  some.flatMap((cell) =>
    Array.from({ length: each }, (_, n) => ({
      ...cell,
      name: `${kind}-${cell.channel}-${cell.appVersion.replaceAll('.', '')}-${n}`,
    })),
  );
const isSilenced = ({ appVersion }: Extent): boolean => appVersion === '5.2.0';
const silenced = cells.filter(isSilenced);

/** There every two hours, day and night. */
const regulars = peopleOf('regular', 60);
/** There once a day until five days before the silence, whose absence becomes due within it. */
export const leavers = peopleOf('leaver', 5, silenced);
/** The same, but they come back while nothing is heard of their version. */
export const returners = peopleOf('returner', 5, silenced);
/** Leavers of the version that is heard. */
export const spared = peopleOf(
  'spared',
  5,
  cells.filter((cell) => !isSilenced(cell)),
);

/** The version's events of these hours arrive when they are over, one a second for each cell at first. */
function arrival(person: Person, at: EpochMs): EpochMs {
  if (!isSilenced(person) || at < silentFrom || at >= heardFrom) return at;
  return plus(heardFrom, (at - silentFrom) / 60);
}

const visit = (person: Person, at: EpochMs): ActivityEvent => {
  const { name, appVersion, platform, channel } = person;
  const about = {
    tenant: tenantId('default'),
    source: 'app',
    customer: customerId(name),
    amount: null,
    attributes: {},
  };
  const when = { occurredAt: at, receivedAt: arrival(person, at) };
  return { ...about, ...when, id: `${name}-${at}`, type: 'session_start', appVersion, platform, channel };
};

const firstAt = plus(beginsAt, -pastDays * DAY);
const regularVisits = regulars.flatMap((person, index) => {
  // A week will do for what is usual; the rest is only there for their tenure.
  const first = plus(beginsAt, -8 * DAY + ((index * 7) % 120) * MINUTE);
  const times = Math.ceil((endsAt - first) / (2 * HOUR));
  return Array.from({ length: times }, (_, n) => visit(person, plus(first, n * 2 * HOUR + (index % 60) * SECOND)));
});
/** Daily, the last of them five days before an instant in the third hour of the silence. */
const dailyVisits = [...leavers, ...returners, ...spared].flatMap((person, index) => {
  const last = plus(silentFrom, 2 * HOUR + index * MINUTE - 5 * DAY);
  const days = Math.floor((last - firstAt) / DAY);
  return Array.from({ length: days }, (_, n) => visit(person, plus(last, -n * DAY)));
});
const returns = returners.map((person, index) => visit(person, plus(silentFrom, HOUR + index * MINUTE)));
const all = [...regularVisits, ...dailyVisits, ...returns];

/** For six hours nothing arrives of one version of the app, whose customers are well. */
export class OutageWorld extends StoryWorld {
  constructor(feedLimits: FeedLimits = { vouchesFromPerHour: 20, settleMs: 0 }) {
    const isPast = ({ occurredAt }: ActivityEvent): boolean => occurredAt < beginsAt;
    super(
      beginsAt,
      all.filter(isPast),
      all.filter((event) => !isPast(event)),
      { feedLimits },
    );
  }
}
