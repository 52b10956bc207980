import type { CustomerId, EpochMs, TenantId } from '#domain';
import { customerId, DAY, epochMs, HOUR, tenantId } from '#domain';
import type {
  CustomerTruth,
  Fate,
  FeedOutage,
  GroundTruth,
  Platform,
  Release,
  Rhythm,
  StoryKind,
  VersionCrash,
} from './ground-truth.js';
import { Random } from './random.js';

export interface AppBaseOptions {
  /** The same seed and options give the same events and the same truth. */
  readonly seed: number;
  readonly customers: number;
  readonly days: number;
  /** Start of the first day; a UTC midnight, so that weekdays and hours of the day come out right. */
  readonly startAt: EpochMs;
  readonly tenant?: TenantId;
  /** Part of the customers that a story happens to, 0 to 1; those not named keep their default. */
  readonly shares?: Partial<Readonly<Record<StoryKind | 'joined', number>>>;
  /** What differs from the default crash; null for none. */
  readonly crash?: Partial<VersionCrash> | null;
  /** What differs from the default feed outage; null for none. */
  readonly outage?: Partial<FeedOutage> | null;
}

export const defaultShares: Readonly<Record<StoryKind | 'joined', number>> = {
  'silent-churn': 0.06,
  'fading-churn': 0.06,
  away: 0.03,
  'spend-drop': 0.05,
  'login-trouble': 0.03,
  'complaint-left-open': 0.02,
  'complaint-closed': 0.03,
  joined: 0.1,
};

/** How a customer lives and what is going to happen to them: all that a day is drawn from. */
export interface Person {
  readonly index: number;
  readonly customer: CustomerId;
  readonly rhythm: Rhythm;
  /** Sessions on an average day, for those who come several times a day. */
  readonly sessionsPerDay: number;
  /** Of Sunday to Saturday: how likely compared with an average day. */
  readonly weekdays: readonly number[];
  /** The one day of the week on which the weekly and fortnightly come; 0 is Sunday. */
  readonly homeDay: number;
  readonly evenWeeks: boolean;
  readonly peakHour: number;
  readonly hourSpread: number;
  readonly platform: Platform;
  readonly channel: string;
  /** Part of the sessions that end in an order, and what it is usually worth. */
  readonly orderShare: number;
  readonly spendLevel: number;
  /** One for each release: when they installed it; Infinity: never. */
  readonly installedAt: readonly number[];
  readonly joinedAt: EpochMs;
  /** Their own story, if any. */
  readonly story: Fate | null;
  readonly discouraged: Fate | null;
}

export interface AppPlan {
  readonly seed: number;
  readonly tenant: TenantId;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly days: number;
  readonly people: readonly Person[];
  readonly truth: GroundTruth;
}

const weekdayProfiles: readonly (readonly [readonly number[], number])[] = [
  [[0.5, 1.2, 1.2, 1.2, 1.2, 1.1, 0.6], 0.4],
  [[1.7, 0.7, 0.7, 0.7, 0.7, 0.9, 1.6], 0.3],
  [[1, 1, 1, 1, 1, 1, 1], 0.3],
];
const hourProfiles: readonly (readonly [{ readonly peak: number; readonly spread: number }, number])[] = [
  [{ peak: 12, spread: 3 }, 0.4],
  [{ peak: 20, spread: 2 }, 0.45],
  [{ peak: 1, spread: 2.5 }, 0.15],
];
const androidStores: readonly (readonly [string, number])[] = [
  ['yingyongbao', 0.4],
  ['wandoujia', 0.2],
  ['360', 0.2],
  ['baidu', 0.2],
];

/** Draws everybody's life before the first event. Same options, same plan. */
export function planAppBase(options: AppBaseOptions): AppPlan {
  const { seed, startAt, days } = options;
  const endAt = epochMs(startAt + days * DAY);
  const during = (part: number): EpochMs => epochMs(startAt + part * (endAt - startAt));
  const crash: VersionCrash | null =
    options.crash === null
      ? null
      : { appVersion: '5.2.0', platform: 'android', from: during(0.65), until: during(0.75), ...options.crash };
  const outageFrom = options.outage?.from ?? during(0.45);
  const outage: FeedOutage | null =
    options.outage === null
      ? null
      : {
          appVersion: '5.1.0',
          from: outageFrom,
          until: epochMs(outageFrom + 12 * HOUR),
          withheld: 'lost',
          ...options.outage,
        };
  const releases: readonly Release[] = [
    { appVersion: '5.0.0', at: startAt },
    { appVersion: '5.1.0', at: during(0.2) },
    { appVersion: '5.2.0', at: during(0.55) },
    { appVersion: '5.2.1', at: crash?.until ?? during(0.75) },
  ];
  const world: World = { startAt, endAt, releases, crash, shares: { ...defaultShares, ...options.shares } };
  const people: Person[] = [];
  for (let index = 0; index < options.customers; index++) people.push(draw(new Random(seed, index, -1), index, world));
  return {
    seed,
    tenant: options.tenant ?? tenantId('default'),
    startAt,
    endAt,
    days,
    people,
    truth: { customers: people.map((person) => truthOf(person, world, outage)), releases, crash, outage },
  };
}

interface World {
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly releases: readonly Release[];
  readonly crash: VersionCrash | null;
  readonly shares: Readonly<Record<StoryKind | 'joined', number>>;
}

function draw(random: Random, index: number, world: World): Person {
  const joinsNow = random.chance(world.shares.joined);
  const joinedAt = epochMs(
    joinsNow ? random.between(world.startAt, world.endAt) : world.startAt - random.between(1, 730) * DAY,
  );
  const platform = random.weighted<Platform>([
    ['android', 0.55],
    ['ios', 0.3],
    ['web', 0.15],
  ]);
  const hours = random.weighted(hourProfiles);
  const laggard = random.chance(0.1);
  const person: Person = {
    index,
    customer: customerId(`customer-${index + 1}`),
    rhythm: random.weighted<Rhythm>([
      ['several-daily', 0.1],
      ['daily', 0.25],
      ['few-weekly', 0.35],
      ['weekly', 0.2],
      ['fortnightly', 0.1],
    ]),
    sessionsPerDay: random.between(2, 4.5),
    weekdays: random.weighted(weekdayProfiles),
    homeDay: random.whole(0, 6),
    evenWeeks: random.chance(0.5),
    peakHour: hours.peak + random.between(-1.5, 1.5),
    hourSpread: hours.spread,
    platform,
    channel: platform === 'web' ? '' : platform === 'ios' ? 'appstore' : random.weighted(androidStores),
    orderShare: random.between(0.03, 0.25),
    spendLevel: Math.exp(3.6 + 0.7 * random.normal()),
    // A newcomer installs what is current; the others get round to a release some days later, a few never do.
    installedAt: world.releases.map((release, step) => {
      const after = random.exponential(4 * DAY);
      if (step === 0 || release.at <= joinedAt) return Number.NEGATIVE_INFINITY;
      return laggard ? Number.POSITIVE_INFINITY : release.at + after;
    }),
    joinedAt,
    story: drawStory(random, Math.max(joinedAt, world.startAt), world),
    discouraged: null,
  };
  const exposed = crashExposure(person, world);
  if (!exposed || !random.chance(0.4)) return person;
  return { ...person, discouraged: { ...exposed, kind: 'crash-discouraged' } };
}

/** What happens to a customer who is there from `presentFrom` on; null for most. */
export function drawStory(
  random: Random,
  presentFrom: number,
  { endAt, shares }: Pick<World, 'endAt' | 'shares'>,
): Fate | null {
  const kinds = (Object.keys(shares) as (StoryKind | 'joined')[]).filter((kind) => kind !== 'joined');
  const told = kinds.reduce((sum, kind) => sum + shares[kind], 0);
  const kind = random.weighted<StoryKind | null>([
    ...kinds.map((each) => [each, shares[each]] as const),
    [null, Math.max(0, 1 - told)],
  ]);
  const left = endAt - presentFrom;
  const after = (low: number, high: number): EpochMs => epochMs(presentFrom + random.between(low, high) * left);
  const between = (at: EpochMs, low: number, high: number): EpochMs =>
    epochMs(Math.min(endAt - 1, at + random.between(low, high)));
  switch (kind) {
    case null:
      return null;
    case 'silent-churn':
      return { kind, at: after(0.25, 0.85), until: null };
    case 'fading-churn': {
      const at = after(0.2, 0.5);
      return { kind, at, until: between(at, 0.2 * left, 0.45 * left) };
    }
    case 'away': {
      const at = after(0.2, 0.4);
      return { kind, at, until: between(at, 0.2 * left, 0.5 * left) };
    }
    case 'spend-drop':
      return { kind, at: after(0.3, 0.8), until: null };
    case 'login-trouble': {
      const at = after(0.2, 0.85);
      return { kind, at, until: between(at, 2 * DAY, 5 * DAY) };
    }
    case 'complaint-left-open':
      return { kind, at: after(0.3, 0.9), until: null };
    case 'complaint-closed': {
      const at = after(0.3, 0.85);
      return { kind, at, until: between(at, 0.5 * DAY, 6 * DAY) };
    }
  }
}

function truthOf(person: Person, world: World, outage: FeedOutage | null): CustomerTruth {
  const { customer, rhythm, platform, channel, joinedAt, story, discouraged } = person;
  const fates: Fate[] = [];
  if (joinedAt >= world.startAt) fates.push({ kind: 'joined', at: joinedAt, until: null });
  if (story) fates.push(story);
  const crashed = crashExposure(person, world);
  if (crashed) fates.push(crashed);
  if (discouraged) fates.push(discouraged);
  const hidden = outage && timeWithVersion(person, world.releases, outage);
  if (hidden) fates.push({ kind: 'feed-outage', ...hidden });
  return { customer, rhythm, platform, channel, joinedAt, fates };
}

function crashExposure(person: Person, { crash, releases }: World): Fate | null {
  if (!crash || person.platform !== crash.platform) return null;
  const exposed = timeWithVersion(person, releases, crash);
  return exposed && { kind: 'crash-exposed', ...exposed };
}

/** The part of [from, until) in which a customer who was there had the version; null when there is none. */
function timeWithVersion(
  person: Person,
  releases: readonly Release[],
  { appVersion, from, until }: { readonly appVersion: string; readonly from: EpochMs; readonly until: EpochMs },
): { readonly at: EpochMs; readonly until: EpochMs } | null {
  const step = releases.findIndex((release) => release.appVersion === appVersion);
  if (person.platform === 'web' || step < 0) return null;
  const replacedAt = Math.min(...person.installedAt.slice(step + 1), until);
  let at = Math.max(person.joinedAt, from, person.installedAt[step]!);
  const absence = absenceOf(person);
  if (at >= absence.from && at < absence.until) at = absence.until;
  const end = absence.until >= replacedAt ? Math.min(replacedAt, absence.from) : replacedAt;
  return at < end ? { at: epochMs(Math.ceil(at)), until: epochMs(Math.ceil(end)) } : null;
}

/** When a customer's story keeps them from doing anything: [from, until), empty at infinity for most. */
export function absenceOf({ story }: Pick<Person, 'story'>): { readonly from: number; readonly until: number } {
  if (story?.kind === 'silent-churn') return { from: story.at, until: Number.POSITIVE_INFINITY };
  if (story?.kind === 'fading-churn') return { from: story.until!, until: Number.POSITIVE_INFINITY };
  if (story?.kind === 'away') return { from: story.at, until: story.until! };
  return { from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY };
}

/** What part of the usual a fading customer still does at an instant; of others all. */
export function zealOf(story: Fate | null, at: number): number {
  if (story?.kind !== 'fading-churn' || at < story.at) return 1;
  return Math.max(0, 1 - (at - story.at) / (story.until! - story.at));
}

/** The version a customer had at an instant; empty on the web. */
export function versionAt(person: Person, releases: readonly Release[], at: number): string {
  if (person.platform === 'web') return '';
  for (let step = releases.length - 1; step >= 0; step--) {
    if (person.installedAt[step]! <= at) return releases[step]!.appVersion;
  }
  return releases[0]!.appVersion;
}
