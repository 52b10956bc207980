import type { Clock, SpikeLimits } from '#domain';
import type { FeedLimits } from '../feeds/feeds.js';
import type { CellStore } from '../ports/cell-store.js';
import type { Assignment, EventLog } from '../ports/event-log.js';
import type { Evaluator } from '../ports/evaluator.js';
import type { FeedStore } from '../ports/feed-store.js';
import type { FlagStore } from '../ports/flag-store.js';
import type { IncidentStore } from '../ports/incident-store.js';
import type { Observer } from '../ports/observer.js';
import type { StageStore } from '../ports/stage-store.js';
import type { ValueStore } from '../ports/value-store.js';

export interface SentinelParts {
  /** Of the rules in force, asked before each batch. When it is another one, everything is taken up as at a start. */
  readonly inForce: () => Evaluator;
  readonly flags: FlagStore;
  readonly stages: StageStore;
  readonly log: EventLog;
  readonly assignment: Assignment;
  readonly clock: Clock;
  readonly observer: Observer;
  /** How far ahead of the sources' progress an event is already looked at. Zero under a clock that does not run with the wall. */
  readonly slackMs: number;
  /** An event this much behind what has been decided still counts at its own instant; what was decided is amended. */
  readonly latenessMs: number;
  /** What lies further back is history: whoever has some is looked at once none has come in for so long. */
  readonly historySettleMs: number;
  /** The partition that the log gives a key. */
  readonly partitionOf: (key: string, count: number) => number;
  /** How much of the clock may pass before what has been decided is noted down for the next start. */
  readonly noteEveryMs: number;
  /** Left out: nobody's value is worked out. */
  readonly values?: ValueStore;
  /** Left out: no feed vouches. */
  readonly feeds?: { readonly store: FeedStore; readonly limits: FeedLimits };
  /** Left out: nobody looks for incidents. */
  readonly incidents?: {
    readonly store: IncidentStore;
    readonly limits: SpikeLimits;
    /** Left out: nobody looks for what is not heard any more. */
    readonly cells?: { readonly store: CellStore; readonly vouchesFromPerHour: number };
  };
}
