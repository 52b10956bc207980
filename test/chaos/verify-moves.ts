import type { ActivityEvent, Pack } from '#domain';
import { customerId, epochMs, tenantId } from '#domain';
import { expectedMoves } from '../support/oracle.js';
import type { ExpectedMove } from '../support/oracle.js';
import { checkChains, checkTopic, compare, keyOf, lineOf } from './chains.js';
import type { Evidence, Violation } from './evidence.js';
import type { Left, StoredMove } from './what-is-left.js';

const tenant = tenantId('default');
/** Rules that say that somebody is missing. */
const absences = new Set(['gone-silent', 'uses-less']);

/** I3, I5, I6: exactly the moves of the reference, in their order, each of them on the topic. Answers with the reference's. */
export function checkMoves(
  evidence: Evidence,
  left: Left,
  pack: Pack,
  violations: Violation[],
  counts: Record<string, number>,
): readonly ExpectedMove[] {
  const expected = expectedMoves(storedEvents(evidence, left), pack, tenant, epochMs(evidence.endAt));
  const moves = left.moves.filter((move) => move.became_due_at <= evidence.endAt);
  compare(expected, moves, violations, absences);
  if (!evidence.late) checkTakenBack(moves, violations);
  checkChains(left.moves, 'clear', violations);
  checkTopic(left.moves, left.transitions, evidence.endAt, violations);
  counts['moves'] = moves.length;
  counts['moves expected'] = expected.length;
  counts['retracted'] = moves.filter((move) => move.to_state === 'retracted').length;
  return expected;
}

/** Where nothing came late nobody need have been told of a silence that was none. */
function checkTakenBack(moves: readonly StoredMove[], violations: Violation[]): void {
  for (const move of moves) {
    if (move.to_state === 'retracted' && absences.has(move.rule))
      violations.push({
        invariant: 'I5',
        what: `${keyOf(move)}: told and taken back: ${lineOf(move.to_state, move.became_due_at)}`,
      });
  }
}

/** What was sent and is stored. */
export function storedEvents(evidence: Evidence, left: Left): readonly ActivityEvent[] {
  const stored = new Set(left.events.map(({ source, id }) => `${source}/${id}`));
  return evidence.sent.filter(({ source, id }) => stored.has(`${source}/${id}`)).map(eventOf);
}

const eventOf = (sent: Evidence['sent'][number]): ActivityEvent => ({
  tenant,
  id: sent.id,
  source: sent.source,
  type: sent.type,
  customer: customerId(sent.customer),
  occurredAt: epochMs(sent.at),
  receivedAt: epochMs(sent.at),
  amount: sent.amount,
  platform: '',
  channel: '',
  appVersion: '',
  attributes: {},
});
