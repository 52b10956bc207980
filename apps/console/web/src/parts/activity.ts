import type { CustomerAnswer } from '#contracts';
import type { EventType } from '#domain';
import { dayOf, daysBetween } from './days.js';

export interface Layer {
  readonly kind: EventType | 'other';
  /** One number per day. */
  readonly counts: readonly number[];
  /** Which of the theme's series colours. */
  readonly colour: number;
}

export interface Activity {
  readonly days: readonly string[];
  /** Bottom layer first. */
  readonly layers: readonly Layer[];
}

/** More colours than these cannot be told apart; the rarer kinds share the last. */
const ownColours = 6;
/** Half a year: wide enough for a lost rhythm, narrow enough for a bar a day. */
const mostDays = 182;

export function activityOf(windows: CustomerAnswer['windows'], asOf: string): Activity {
  const last = dayOf(asOf);
  const first = windows.reduce((earliest, { day }) => (day < earliest ? day : earliest), last);
  const days = daysBetween(first, last, mostDays);
  const place = new Map(days.map((day, index) => [day, index]));
  const perKind = new Map<EventType, number[]>();
  for (const { day, type, count } of windows) {
    const index = place.get(day);
    if (index === undefined) continue;
    const counts = perKind.get(type) ?? days.map(() => 0);
    counts[index]! += count;
    perKind.set(type, counts);
  }

  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const ranked = [...perKind].sort((a, b) => total(b[1]) - total(a[1]) || (a[0] < b[0] ? -1 : 1));
  const shown = ranked.length > ownColours ? ranked.slice(0, ownColours - 1) : ranked;
  const rest = ranked.slice(shown.length);
  const layers: Layer[] = shown.map(([kind, counts], index) => ({ kind, counts, colour: index + 1 }));
  if (rest.length > 0) {
    const counts = days.map((_, index) => rest.reduce((sum, [, each]) => sum + each[index]!, 0));
    layers.push({ kind: 'other', counts, colour: ownColours });
  }
  return { days, layers };
}
