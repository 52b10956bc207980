import type { EpochMs, TenantId } from '#domain';
import { DAY, epochMs, HOUR, MINUTE } from '#domain';
import type { FeedHour } from '../ports/feed-store.js';

export const feedMemoryMs = 7 * DAY;
/** A feed must have been at it this long before its silence says anything. */
const youthMs = DAY;
/** Heard in fewer of its hours, a feed comes in bursts, as an import does: its silence says nothing. */
const leastShareOfHours = 1 / 4;
/** Beyond this a feed's own times are no measure of what has been heard of it. */
const mostUsualLagMs = DAY;
const leastNotableSilenceMs = 10 * MINUTE;
const notableGaps = 1.5;
const mostWaiting = 64;

interface Hour {
  events: number;
  leastLagMs: number;
  low: number;
  high: number;
}

/** A feed has been heard up to `upTo`, once everything that had arrived by `believedFrom` is read. */
interface Word {
  readonly believedFrom: EpochMs;
  readonly upTo: EpochMs;
}

/** One source's last seven days, by the hour. All times are arrivals, except for what it has been heard up to. */
export class Feed {
  private readonly hours = new Map<number, Hour>();
  private readonly waiting: Word[] = [];
  private lag: { readonly asOfHour: number; readonly ms: number } | null = null;
  private believedUpTo: EpochMs;
  /** What was read from the store is not counted again when the log brings it. */
  private counted = epochMs(0);
  private total = 0;
  firstArrivedAt: EpochMs | null = null;
  lastArrivedAt = epochMs(0);
  heardUpTo = epochMs(0);

  constructor(
    readonly tenant: TenantId,
    readonly source: string,
    /** Whatever lies before is decided, so it need not be heard of again. */
    decidedUpTo: EpochMs,
  ) {
    this.believedUpTo = decidedUpTo;
  }

  get events(): number {
    return this.total;
  }

  /** Its hours from the store, oldest first. */
  restore(hours: readonly FeedHour[]): void {
    for (const hour of hours) {
      this.count(hour.hour, hour.events, hour.leastLagMs, hour.minutes);
      this.arrived(hour.firstArrivedAt, hour.lastArrivedAt);
    }
    this.counted = this.lastArrivedAt;
    for (const hour of hours) this.heard(hour.heardUpTo, hour.lastArrivedAt, hour.lastArrivedAt);
  }

  /** `arrivedAt` is the last of these events' arrival; they are believed once all that arrived by `believedFrom` is read. */
  hear(events: number, upTo: EpochMs, arrivedAt: EpochMs, believedFrom: EpochMs): void {
    if (arrivedAt > this.counted) {
      const minute = Math.floor((arrivedAt % HOUR) / MINUTE);
      const minutes = minute < 30 ? ([1 << minute, 0] as const) : ([0, 1 << (minute - 30)] as const);
      this.count(arrivedAt - (arrivedAt % HOUR), events, arrivedAt - upTo, minutes);
    }
    this.arrived(arrivedAt, arrivedAt);
    this.heard(upTo, arrivedAt, believedFrom);
  }

  /** Forgets the hours that lie more than seven days before `read`, up to which all arrivals are read. */
  age(read: EpochMs): void {
    for (const [start, hour] of this.hours) {
      if (start > read - feedMemoryMs - HOUR) continue;
      this.hours.delete(start);
      this.total -= hour.events;
    }
  }

  eventsPerHour(read: EpochMs): number {
    return this.total / this.hoursOfLife(read);
  }

  vouches(read: EpochMs, fromPerHour: number): boolean {
    if (this.firstArrivedAt === null || this.lastArrivedAt - this.firstArrivedAt < youthMs) return false;
    return this.eventsPerHour(read) >= fromPerHour && this.hours.size >= this.hoursOfLife(read) * leastShareOfHours;
  }

  /** Up to where it counts as heard when all arrivals up to `read` are read. */
  believedAt(read: EpochMs): EpochMs {
    while (this.waiting[0] !== undefined && this.waiting[0].believedFrom <= read) {
      const { upTo } = this.waiting.shift()!;
      if (upTo > this.believedUpTo) this.believedUpTo = upTo;
    }
    return this.believedUpTo;
  }

  /** Quiet for longer than it ever was in seven days, and half as long again. */
  isNotablySilent(read: EpochMs): boolean {
    const quietMs = read - this.lastArrivedAt;
    return quietMs > leastNotableSilenceMs && quietMs > notableGaps * this.longestGapMs();
  }

  /** The middle one of its hours, each with the least lag in it. */
  get usualLagMs(): number {
    const asOfHour = this.hours.size === 0 ? 0 : this.lastArrivedAt - (this.lastArrivedAt % HOUR);
    if (this.lag?.asOfHour !== asOfHour) {
      const lags = Array.from(this.hours.values(), (hour) => hour.leastLagMs).toSorted((a, b) => a - b);
      this.lag = { asOfHour, ms: lags[Math.floor(lags.length / 2)] ?? 0 };
    }
    return this.lag.ms;
  }

  /** To the minute. */
  longestGapMs(): number {
    let longest = 0;
    let before: number | null = null;
    for (const [start, { low, high }] of [...this.hours].toSorted(([a], [b]) => a - b)) {
      for (let minute = 0; minute < 60; minute++) {
        if (((minute < 30 ? low >> minute : high >> (minute - 30)) & 1) === 0) continue;
        const at = start + minute * MINUTE;
        if (before !== null && at - before > longest) longest = at - before;
        before = at;
      }
    }
    return longest;
  }

  private hoursOfLife(read: EpochMs): number {
    const livedMs = read - (this.firstArrivedAt ?? read);
    return Math.min(feedMemoryMs, Math.max(youthMs, livedMs)) / HOUR;
  }

  private count(start: number, events: number, leastLagMs: number, [low, high]: readonly [number, number]): void {
    const hour = this.hours.get(start) ?? { events: 0, leastLagMs, low: 0, high: 0 };
    hour.events += events;
    hour.leastLagMs = Math.min(hour.leastLagMs, leastLagMs);
    hour.low |= low;
    hour.high |= high;
    this.hours.set(start, hour);
    this.total += events;
  }

  private arrived(first: EpochMs, last: EpochMs): void {
    if (this.firstArrivedAt === null || first < this.firstArrivedAt) this.firstArrivedAt = first;
    if (last > this.lastArrivedAt) this.lastArrivedAt = last;
  }

  private heard(upTo: EpochMs, arrivedAt: EpochMs, believedFrom: EpochMs): void {
    const heardUpTo = this.usualLagMs > mostUsualLagMs ? arrivedAt : upTo;
    if (heardUpTo <= this.heardUpTo) return;
    this.heardUpTo = heardUpTo;
    // Chunks of several partitions come in any order: a later word is never believed before an earlier one.
    const last = this.waiting.at(-1)?.believedFrom ?? believedFrom;
    this.waiting.push({ upTo: heardUpTo, believedFrom: last > believedFrom ? last : believedFrom });
    // Without the first of two, what it said is only believed later.
    if (this.waiting.length > mostWaiting) this.waiting.splice(0, 2, this.waiting[1]!);
  }
}
