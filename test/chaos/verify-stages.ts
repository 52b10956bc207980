import type { Pack } from '#domain';
import { groupBy } from '../../libs/pipeline/src/group-by.js';
import { stageChanges } from '../support/oracle-stages.js';
import { checkChains, checkTopic, compare } from './chains.js';
import type { Evidence, Violation } from './evidence.js';
import { storedEvents } from './verify-moves.js';
import type { Left } from './what-is-left.js';

/** I3, I6: exactly the stages of the reference, in their order, each of them on the topic. */
export function checkStages(
  evidence: Evidence,
  left: Left,
  { churn }: Pack,
  violations: Violation[],
  counts: Record<string, number>,
): void {
  const events = groupBy(storedEvents(evidence, left), ({ customer }) => customer);
  const expected = [...events].flatMap(([customer, own]) =>
    stageChanges(own, churn, evidence.endAt).map(({ to, at }) => ({ customer, rule: 'stage', to, becameDueAt: at })),
  );
  const moves = left.stages.filter((move) => move.became_due_at <= evidence.endAt);
  compare(expected, moves, violations);
  checkChains(left.stages, '', violations);
  checkTopic(left.stages, left.stageMoves, evidence.endAt, violations);
  counts['stages'] = moves.length;
}
