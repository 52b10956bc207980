import type { EventType } from '#domain';
import { familyOf, HOUR, MINUTE } from '#domain';
import { Random } from '../../libs/simulator/src/random.js';

/** What a producer sends, and when: `handAt` is later than `at` for what was delayed on the way. */
export interface Sent {
  readonly source: string;
  readonly id: string;
  readonly type: EventType;
  readonly customer: string;
  readonly at: number;
  readonly amount: number | null;
  readonly handAt: number;
}

export interface LoadOptions {
  readonly seed: number;
  readonly customers: number;
  readonly startAt: number;
  readonly hours: number;
  /** Share of events that come later than others which happened after them. */
  readonly late: number;
}

type Mood = 'busy' | 'quiet' | 'failing' | 'complaining' | 'away';
const moods: readonly (readonly [Mood, number])[] = [
  ['busy', 5],
  ['quiet', 2],
  ['failing', 2],
  ['complaining', 2],
  ['away', 2],
];
const doings: readonly (readonly [EventType, number])[] = [
  ['app_open', 8],
  ['page_view', 2],
  ['order', 1],
  ['payment', 1],
];

/** Lives of customers, the same for the same seed: busy, quiet, failing, complaining or away, for hours each. */
export function livesOf(options: LoadOptions): Sent[] {
  const events: Sent[] = [];
  for (let n = 0; n < options.customers; n++)
    lead(`c${options.seed}-${n}`, new Random(options.seed, n), options, events);
  return events.sort((a, b) => a.handAt - b.handAt || (a.id < b.id ? -1 : 1));
}

const sourceOf = (type: EventType): string =>
  ({ activity: 'app', transaction: 'shop', feedback: 'care' })[familyOf(type)];

function lead(customer: string, random: Random, { startAt, hours, late }: LoadOptions, into: Sent[]): void {
  const endAt = startAt + hours * HOUR;
  let number = 0;
  const happen = (type: EventType, at: number): void => {
    if (at >= endAt || at < startAt) return;
    const amount = type === 'order' || type === 'payment' ? random.whole(1, 240) / 4 : null;
    const delay = random.chance(late) ? random.between(2 * MINUTE, 3 * HOUR) : 0;
    into.push({
      source: sourceOf(type),
      id: `${customer}-${number++}`,
      type,
      customer,
      at: Math.trunc(at),
      amount,
      handAt: Math.trunc(at + delay),
    });
  };
  for (let at = startAt + random.between(0, 30 * MINUTE); at < endAt;) {
    const mood = random.weighted(moods);
    const until = at + random.between(1, mood === 'away' ? 6 : 5) * HOUR;
    if (mood === 'failing')
      for (let n = random.whole(2, 5); n > 0; n--)
        happen(random.pick(['crash', 'login_failed']), at + random.between(0, 50 * MINUTE));
    if (mood === 'complaining') {
      happen('complaint_opened', at);
      if (random.chance(0.7)) happen('complaint_closed', at + random.between(20 * MINUTE, 4 * HOUR));
    }
    const gap = { busy: 9, quiet: 50, failing: 20, complaining: 25, away: Infinity }[mood] * MINUTE;
    for (let next = at + random.exponential(gap); next < until; next += random.exponential(gap))
      happen(random.weighted(doings), next);
    at = until;
  }
}
