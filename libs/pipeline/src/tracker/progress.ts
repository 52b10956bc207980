import { intakeTopics } from '#contracts';
import type { Clock, EpochMs } from '#domain';
import type { Tracker } from './fold.js';
import type { Assignment, EventLog, PartitionEnd } from '../ports/event-log.js';
import { tellAll } from './touched.js';

const sources = Object.values(intakeTopics).map((topic) => topic.name);

/**
 * Says how far this tracker has read each of its partitions. The sentinel decides nobody's absence beyond that:
 * while we are behind, or cannot reach the log, a customer who seems silent may only be unread.
 */
export class ProgressReport {
  constructor(
    private readonly tracker: Tracker,
    private readonly log: EventLog,
    private readonly assignment: Assignment,
    private readonly clock: Clock,
  ) {}

  /** Throws when the log is away: then there is no progress to report, which is the point. */
  async send(): Promise<void> {
    // Taken before the ends are asked for: whatever arrived up to this instant lies below them.
    const now = this.clock.now();
    const progress: (readonly [string, number, EpochMs])[] = [];
    for (const end of await this.log.ends(sources)) {
      if (!this.assignment.assigned(end.topic).includes(end.partition)) continue;
      const upTo = this.readUpTo(end, now);
      if (upTo !== null) progress.push([end.topic, end.partition, upTo]);
    }
    if (progress.length === 0) return;
    await tellAll(this.log, { customers: [], progress }, now);
  }

  /** Null: nobody knows. */
  private readUpTo({ topic, partition, startOffset, endOffset }: PartitionEnd, now: EpochMs): EpochMs | null {
    if (this.tracker.isInDoubt(topic, partition)) return null;
    const place = this.tracker.placeOf(topic, partition);
    const next = place?.next ?? startOffset;
    if (next > endOffset) {
      // It was made anew or lost its end, and may grow beyond our place before we read on.
      this.tracker.doubt(topic, partition);
      return null;
    }
    const isAllRead = next === endOffset || this.assignment.readTo?.(topic, partition) === endOffset;
    return isAllRead ? now : (place?.readUpTo ?? null);
  }
}
