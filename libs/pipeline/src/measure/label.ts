import type { EpochMs, EventType } from '#domain';
import { eventTypes, parseSpan, plus } from '#domain';
import type { CustomerHistory } from '../ports/history-store.js';

/** What alerts are held against: the churn that they ought to foresee. */
export type Label =
  /** No engagement within the horizon. */
  | { readonly kind: 'no-activity'; readonly horizonMs: number }
  /** An event of this type within the horizon. */
  | { readonly kind: 'event'; readonly type: EventType; readonly horizonMs: number };

/** Reads "no activity 30d" or "event app_remove 30d"; a text says what is wrong. */
export function parseLabel(text: string): Label | string {
  const match = /^(?:no activity|event (\S+)) (\S+)$/.exec(text.trim());
  const horizonMs = parseSpan(match?.[2] ?? '');
  if (!match || horizonMs === undefined || horizonMs === 0)
    return 'Write it like "no activity 30d" or "event app_remove 30d".';
  const name = match[1];
  if (name === undefined) return { kind: 'no-activity', horizonMs };
  const type = eventTypes.find((each) => each === name);
  return type === undefined ? `There is no event type "${name}".` : { kind: 'event', type, horizonMs };
}

/** One true loss of a customer. */
export interface Lapse {
  /** The last engagement before the gap, or the event itself. */
  readonly startedAt: EpochMs;
  /** The end of the horizon after it, or the event itself: from then on it is a fact. */
  readonly completeAt: EpochMs;
  /** An alert counts as having been there for it when it was raised after the first and not after the second. */
  readonly coveredFrom: EpochMs;
  readonly coveredTo: EpochMs;
}

/** One customer's history as a label reads it, up to where the data end. */
export class Fate {
  constructor(
    private readonly history: CustomerHistory,
    private readonly label: Label,
    private readonly endAt: EpochMs,
  ) {}

  get horizonMs(): number {
    return this.label.horizonMs;
  }

  /** False when the horizon reaches past the data: nobody knows yet. */
  isKnown(at: EpochMs): boolean {
    return plus(at, this.label.horizonMs) <= this.endAt;
  }

  lapsesAfter(at: EpochMs): boolean {
    const next = this.next(at);
    const within = next !== undefined && next <= at + this.label.horizonMs;
    return this.label.kind === 'event' ? within : !within;
  }

  /** Of a lapse that follows `at`: how long until it is a fact. Negative when it is one already. */
  leadMs(at: EpochMs): number {
    if (this.label.kind === 'event') return (this.next(at) ?? at) - at;
    const { engaged, instants } = this.history;
    const last = engaged[countUpTo(engaged, at) - 1] ?? instants[0]!;
    return last + this.label.horizonMs - at;
  }

  /** Those that began at `from` or later and are a fact where the data end. */
  lapses(from: EpochMs): readonly Lapse[] {
    const { horizonMs } = this.label;
    if (this.label.kind === 'event') {
      return this.history.marked
        .filter((at) => at >= from)
        .map((at) => ({
          startedAt: at,
          completeAt: at,
          coveredFrom: plus(at, -horizonMs - 1),
          coveredTo: plus(at, -1),
        }));
    }
    return this.history.engaged
      .filter((at) => at >= from && this.isKnown(at) && this.lapsesAfter(at))
      .map((at) => ({
        startedAt: at,
        completeAt: plus(at, horizonMs),
        coveredFrom: plus(at, -horizonMs),
        coveredTo: plus(at, Math.floor(horizonMs / 2)),
      }));
  }

  /** The first instant after `at` that decides. */
  private next(at: EpochMs): EpochMs | undefined {
    const deciding = this.label.kind === 'event' ? this.history.marked : this.history.engaged;
    return deciding[countUpTo(deciding, at)];
  }
}

/** How many of these sorted instants are not later than `at`. */
export function countUpTo(sorted: readonly EpochMs[], at: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
