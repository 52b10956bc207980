import TinyQueue from 'tinyqueue';
import type { ActivityEvent, CustomerId, EpochMs, TenantId } from '#domain';
import { customerId, DAY, epochMs, familyOf, HOUR, MINUTE, tenantId } from '#domain';
import { absenceOf, drawStory, zealOf } from './app-plan.js';
import type { EventFeed } from './feed.js';
import type { CustomerTruth, Fate, StoryKind } from './ground-truth.js';
import { Random } from './random.js';
import type { Amount, Habit, Step } from './trade-profile.js';
import type { TradeName } from './trade-profiles.js';
import { tradeProfiles } from './trade-profiles.js';

/** What may happen to a customer of any trade. */
const stories = ['silent-churn', 'fading-churn', 'away', 'spend-drop'] as const satisfies readonly StoryKind[];
type TradeStory = (typeof stories)[number] | 'joined';
const usualShares: Readonly<Record<TradeStory, number>> = {
  'silent-churn': 0.06,
  'fading-churn': 0.06,
  away: 0.03,
  'spend-drop': 0.05,
  joined: 0.1,
};

export interface TradeBaseOptions {
  readonly trade: TradeName;
  /** The same seed and options give the same events and the same truth. */
  readonly seed: number;
  readonly customers: number;
  readonly days: number;
  /** A UTC midnight, so that weekdays and hours of the day come out right. */
  readonly startAt: EpochMs;
  readonly tenant?: TenantId;
  /** Part of the customers that a story happens to, 0 to 1; those not named keep their default. */
  readonly shares?: Partial<Readonly<Record<TradeStory, number>>>;
}

export type TradeCustomer = Pick<CustomerTruth, 'customer' | 'platform' | 'channel' | 'joinedAt' | 'fates'>;

/** A made-up customer base of a trade, and what really went on in it. */
export interface TradeBase extends EventFeed {
  /** In the order of their numbers. */
  readonly truth: { readonly customers: readonly TradeCustomer[] };
}

interface Person {
  readonly index: number;
  readonly customer: CustomerId;
  readonly joinedAt: EpochMs;
  readonly platform: CustomerTruth['platform'];
  readonly channel: string;
  readonly peakHour: number;
  /** What they spend, compared with the median. */
  readonly level: number;
  readonly story: Fate | null;
}

/**
 * Simulates customers of a trade from its profile. Pure: the same options give the same events and truth on every machine.
 * Every habit of every customer has random numbers of its own, so that a change of one leaves the others as they were.
 * Memory follows the customers, not the days.
 */
export function simulateTrade(options: TradeBaseOptions): TradeBase {
  const { trade, startAt, days, customers } = options;
  const endAt = epochMs(startAt + days * DAY);
  const people = Array.from({ length: customers }, (_, index) => draw(index, endAt, options));
  let counted: number | undefined;
  return {
    name: `${trade}-base`,
    startAt,
    endAt,
    truth: { customers: people.map(truthOf(startAt)) },
    get total() {
      if (counted === undefined) {
        counted = 0;
        for (const _ of eventsOf(people, endAt, options)) counted++;
      }
      return counted;
    },
    events: () => eventsOf(people, endAt, options),
  };
}

function draw(index: number, endAt: EpochMs, { trade, seed, startAt, shares }: TradeBaseOptions): Person {
  const random = new Random(seed, index, -1);
  const all = { ...usualShares, ...shares };
  const joinedAt = epochMs(
    random.chance(all.joined) ? random.between(startAt, endAt) : startAt - random.between(1, 730) * DAY,
  );
  const platform = random.weighted<Person['platform']>([
    ['android', 0.55],
    ['ios', 0.3],
    ['web', 0.15],
  ]);
  const store = random.pick(['yingyongbao', 'wandoujia', '360', 'baidu']);
  const { hasApp } = tradeProfiles[trade];
  const none = { 'login-trouble': 0, 'complaint-left-open': 0, 'complaint-closed': 0 };
  return {
    index,
    customer: customerId(`${trade}-${index + 1}`),
    joinedAt,
    platform,
    channel: !hasApp || platform === 'web' ? '' : platform === 'ios' ? 'appstore' : store,
    peakHour: random.between(9, 21),
    level: Math.exp(0.5 * random.normal()),
    story: drawStory(random, Math.max(joinedAt, startAt), { endAt, shares: { ...all, ...none } }),
  };
}

const truthOf =
  (startAt: EpochMs) =>
  ({ customer, platform, channel, joinedAt, story }: Person): TradeCustomer => ({
    customer,
    platform,
    channel,
    joinedAt,
    fates: [
      ...(joinedAt >= startAt ? [{ kind: 'joined' as const, at: joinedAt, until: null }] : []),
      ...(story ? [story] : []),
    ],
  });

/** The next occasion of one habit of one customer. */
interface Occasion {
  readonly kind: 'occasion';
  at: number;
  /** Without the hour of the day, from which the next gap runs. */
  nominal: number;
  readonly person: Person;
  readonly number: number;
  readonly habit: Habit;
  /** Own mean gap. */
  readonly gapMs: number;
  /** Draws the instants: the same for everybody where a habit comes to all together. */
  readonly when: Random;
  /** Draws what happens. */
  readonly what: Random;
  written: number;
}
interface Due {
  readonly kind: 'event';
  readonly at: number;
  readonly event: ActivityEvent;
}
type Entry = (Occasion | Due) & { order?: number };

function* eventsOf(
  people: readonly Person[],
  endAt: EpochMs,
  { trade, seed, startAt, tenant = tenantId('default') }: TradeBaseOptions,
): Generator<ActivityEvent> {
  let pushed = 0;
  const queue = new TinyQueue<Entry>([], (a, b) => a.at - b.at || a.order! - b.order!);
  const push = (entry: Entry): void => {
    if (entry.at >= endAt) return;
    entry.order = pushed++;
    queue.push(entry);
  };
  const { habits, hasApp } = tradeProfiles[trade];

  const emit = (occasion: Occasion, { type, amount }: Step, at: number): void => {
    const { person, number, what } = occasion;
    const { from, until } = absenceOf(person);
    if (at >= from && at < until) return;
    const id = `${person.index + 1}-${number}-${occasion.written++}`;
    const worth = amount === undefined ? null : worthOf(amount, person, at, what);
    const occurredAt = epochMs(at);
    const inApp = hasApp && familyOf(type) === 'activity';
    const event: ActivityEvent = {
      tenant,
      id,
      source: `${trade}-base-${seed}`,
      type,
      customer: person.customer,
      occurredAt,
      receivedAt: occurredAt,
      amount: worth,
      platform: inApp ? person.platform : '',
      channel: inApp ? person.channel : '',
      appVersion: '',
      attributes: {},
    };
    push({ kind: 'event', at: occurredAt, event });
  };
  const follow = (occasion: Occasion, steps: readonly Step[], from: number): void => {
    const { what } = occasion;
    let at = from;
    for (const step of steps) {
      if (step.after !== undefined) at += what.between(...step.after) * HOUR;
      if (!what.chance(step.chance ?? 1)) continue;
      emit(occasion, step, at);
      if (step.followedBy !== undefined) follow(occasion, step.followedBy, at);
    }
  };

  for (const person of people) {
    for (const [number, habit] of habits.entries()) {
      const occasion = firstOf(person, number, habit, seed, startAt);
      if (occasion !== null) push(backInTime(occasion, Number.NEGATIVE_INFINITY));
    }
  }
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    if (entry.kind === 'event') {
      yield entry.event;
      continue;
    }
    const { person, at, what } = entry;
    const { from, until } = absenceOf(person);
    const isAway = at >= from && at < until;
    // Gone for good.
    if (isAway && until === Number.POSITIVE_INFINITY) continue;
    const isWilling = what.chance(zealOf(person.story, at));
    if (!isAway && isWilling && at >= person.joinedAt) follow(entry, entry.habit.does, at);
    push(backInTime(nextOf(entry), at));
  }
}

/** Null for who has not this habit. */
function firstOf(person: Person, number: number, habit: Habit, seed: number, startAt: EpochMs): Occasion | null {
  const what = new Random(seed, person.index, 2 * number);
  const when = new Random(seed, habit.together ? -2 : person.index, 2 * number + 1);
  if (!what.chance(habit.share)) return null;
  const [low, high] = habit.everyDays;
  const gapMs = DAY * low * (high / low) ** when.unit();
  const isNewcomer = person.joinedAt >= startAt;
  // Who was there before is met anywhere within a gap.
  const nominal = (isNewcomer && !habit.together ? person.joinedAt : startAt) + when.unit() * gapMs;
  const base = { kind: 'occasion' as const, person, number, habit, gapMs, when, what, written: 0 };
  if (isNewcomer && number === 0) return { ...base, at: person.joinedAt, nominal: person.joinedAt };
  return { ...base, nominal, at: Math.max(atAnHour(nominal, base), startAt) };
}

function nextOf(occasion: Occasion): Occasion {
  const { habit, gapMs, when } = occasion;
  const { spread } = habit;
  const part = spread >= 1 ? when.exponential(1) : Math.max(0.05, 1 + spread * when.normal());
  const nominal = occasion.nominal + part * gapMs;
  return { ...occasion, nominal, at: Math.max(atAnHour(nominal, occasion), occasion.at + MINUTE) };
}

/** Who was away comes back for what they come for, at the instant that their story says. */
function backInTime(occasion: Occasion, previousAt: number): Occasion {
  const { from, until } = absenceOf(occasion.person);
  const returns = until < Number.POSITIVE_INFINITY && previousAt < until && occasion.at >= from;
  return returns && occasion.number === 0 ? { ...occasion, at: until, nominal: until } : occasion;
}

/** People come at their hours and on their days; a company does what it does in the morning. */
function atAnHour(nominal: number, { habit, person, when }: Pick<Occasion, 'habit' | 'person' | 'when'>): number {
  const hour = habit.together ? 9 : person.peakHour + 2 * when.normal();
  const day = Math.floor(nominal / DAY);
  const { weekdays } = habit;
  // 1970-01-01 was a Thursday.
  const beside = [day - 1, day, day + 1].map((each) => [each, weekdays?.[(each + 4) % 7] ?? 1] as const);
  const chosen = weekdays === undefined ? day : when.weighted(beside);
  return Math.floor(chosen * DAY + (((hour % 24) + 24) % 24) * HOUR);
}

function worthOf(amount: Amount, { level, story }: Person, at: number, what: Random): number {
  if ('score' in amount) return Math.max(amount.score[0], amount.score[1] - what.poisson(0.7));
  const around = Math.exp(0.3 * what.normal());
  if ('minutes' in amount) return Math.max(1, Math.round(amount.minutes * around));
  const part = story?.kind === 'spend-drop' && at >= story.at ? 0.2 : 1;
  return Math.max(1, Math.round(amount.money * level * part * around * 100) / 100);
}
