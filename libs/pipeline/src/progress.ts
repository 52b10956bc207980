import { intakeTopics, topics } from '#contracts';
import type { Clock, EpochMs } from '#domain';
import type { Tracker } from './fold.js';
import type { Assignment, EventLog } from './ports/event-log.js';
import { encodeTouched } from './touched.js';

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
      const place = this.tracker.placeOf(end.topic, end.partition);
      const nothingToRead = place === undefined ? end.endOffset === end.startOffset : place.next >= end.endOffset;
      if (nothingToRead) progress.push([end.topic, end.partition, now]);
      else if (place) progress.push([end.topic, end.partition, place.readUpTo]);
    }
    if (progress.length === 0) return;
    const count = await this.log.partitionCount(topics.touched.name);
    const value = encodeTouched({ customers: [], progress });
    await this.log.append(
      topics.touched.name,
      Array.from({ length: count }, (_, partition) => ({ key: String(partition), partition, value, timestamp: now })),
    );
  }
}
