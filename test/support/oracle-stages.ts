/**
 * A customer's stages worked out the plain way: from the list of their events, one after the other. Tests hold the
 * engine against it. See `ChurnDefinition` for what a stage means.
 */
import type { ActivityEvent, ChurnDefinition, EpochMs, SilenceBound, Stage } from '#domain';
import { DAY, epochMs } from '#domain';

const dayOf = (at: number): number => Math.floor(at / DAY);

function usualGapMs(activity: readonly number[], churn: ChurnDefinition): number {
  const days = new Set(activity.map(dayOf)).size;
  return (activity.at(-1)! - activity[0]! + 3 * churn.priorGapDays * DAY) / (days + 2);
}

/** The stage that a silence alone brings about; null when it is none to speak of. */
function ofSilence(activity: readonly number[], churn: ChurnDefinition, at: number): Stage | null {
  const gap = usualGapMs(activity, churn);
  const silent = at - activity.at(-1)!;
  const lasts = ({ afterMs, gaps }: SilenceBound): boolean => silent >= afterMs && silent >= gaps * gap;
  if (lasts(churn.churned)) return 'churned';
  if (lasts(churn.dormant)) return 'dormant';
  return lasts(churn.slipping) ? 'slipping' : null;
}

const activityOf = (events: readonly ActivityEvent[], churn: ChurnDefinition, at: number): number[] =>
  events
    .filter((event) => event.occurredAt <= at && churn.events.includes(event.type))
    .map((event) => event.occurredAt as number)
    .toSorted((a, b) => a - b);

export function stageAt(events: readonly ActivityEvent[], churn: ChurnDefinition, at: number): Stage | null {
  const activity = activityOf(events, churn, at);
  const [first] = activity;
  if (first === undefined) return null;
  const silent = ofSilence(activity, churn, at);
  if (silent !== null) return silent;
  if (at - first < churn.newForMs) return 'new';
  const isReturned = activity.some(
    (came, index) =>
      index > 0 && at - came < churn.newForMs && ofSilence(activity.slice(0, index), churn, came - 1) === 'churned',
  );
  return isReturned ? 'returned' : 'active';
}

export interface StageChange {
  readonly at: EpochMs;
  readonly to: Stage;
}

/** Every change of stage up to and including `endAt`, stepping from one instant at which something may change to the next. */
export function stageChanges(events: readonly ActivityEvent[], churn: ChurnDefinition, endAt: number): StageChange[] {
  const activity = activityOf(events, churn, endAt);
  const instants = new Set<number>();
  for (const [index, at] of activity.entries()) {
    const gap = usualGapMs(activity.slice(0, index + 1), churn);
    instants.add(at).add(at + churn.newForMs);
    for (const { afterMs, gaps } of [churn.slipping, churn.dormant, churn.churned])
      instants.add(at + Math.max(afterMs, Math.ceil(gaps * gap)));
  }
  const changes: StageChange[] = [];
  for (const at of [...instants].filter((each) => each <= endAt).toSorted((a, b) => a - b)) {
    const to = stageAt(events, churn, at);
    if (to !== null && to !== changes.at(-1)?.to) changes.push({ at: epochMs(at), to });
  }
  return changes;
}
