import type { ActivityEvent, Pack } from '#domain';
import { customerId, epochMs, tenantId } from '#domain';
import { expectedMoves } from '../support/oracle.js';
import type { ExpectedMove } from '../support/oracle.js';
import type { Evidence, Violation } from './evidence.js';
import type { Left, StoredMove } from './what-is-left.js';

const tenant = tenantId('default');
/** Rules that say that somebody is missing. */
const absences = new Set(['gone-silent', 'uses-less']);

const keyOf = (move: { readonly customer: string; readonly rule: string }): string => `${move.customer} ${move.rule}`;

function grouped<T extends { readonly customer: string; readonly rule: string }>(
  moves: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const move of moves) {
    const group = groups.get(keyOf(move));
    if (group) group.push(move);
    else groups.set(keyOf(move), [move]);
  }
  return groups;
}

/** I3, I5, I6: exactly the moves of the reference, in their order, each of them on the topic. Answers with the reference's. */
export function checkMoves(
  evidence: Evidence,
  left: Left,
  pack: Pack,
  violations: Violation[],
  counts: Record<string, number>,
): readonly ExpectedMove[] {
  const stored = new Set(left.events.map(({ source, id }) => `${source}/${id}`));
  const events = evidence.sent.filter(({ source, id }) => stored.has(`${source}/${id}`)).map(eventOf);
  const expected = expectedMoves(events, pack, tenant, epochMs(evidence.endAt));
  const moves = left.moves.filter((move) => move.became_due_at <= evidence.endAt);
  compare(expected, moves, violations);
  if (!evidence.late) checkTakenBack(moves, violations);
  checkChains(left.moves, violations);
  checkTopic(left, evidence.endAt, violations);
  counts['moves'] = moves.length;
  counts['moves expected'] = expected.length;
  counts['retracted'] = moves.filter((move) => move.to_state === 'retracted').length;
  return expected;
}

const lineOf = (to: string, at: number): string => `${to} at ${new Date(at).toISOString()}`;

/** What still holds of one flag's stored moves: later ones may have replaced earlier ones. */
export function standing(chain: readonly StoredMove[]): readonly StoredMove[] {
  const moves: StoredMove[] = [];
  for (const move of chain) {
    const { amends, to_state: to, became_due_at: at } = move;
    if (amends !== null) while (moves.length > 0 && moves.at(-1)!.became_due_at >= amends) moves.pop();
    const restores = amends !== null && at < amends;
    if (to !== 'retracted' && !restores) moves.push(move);
  }
  return moves;
}

function compare(expected: readonly ExpectedMove[], moves: readonly StoredMove[], violations: Violation[]): void {
  const wanted = grouped(expected);
  const found = grouped(moves);
  for (const key of new Set([...wanted.keys(), ...found.keys()])) {
    const want = (wanted.get(key) ?? []).map((move) => lineOf(move.to, move.becameDueAt));
    const have = standing(found.get(key) ?? []).map((move) => lineOf(move.to_state, move.became_due_at));
    const seen = new Set<string>();
    for (const line of have) {
      if (seen.has(line)) violations.push({ invariant: 'I6', what: `${key}: decided twice: ${line}` });
      else if (!want.includes(line)) {
        const isFalseAlarm = line.startsWith('firing') && absences.has(key.split(' ')[1]!);
        violations.push({ invariant: isFalseAlarm ? 'I5' : 'I6', what: `${key}: not in the reference: ${line}` });
      }
      seen.add(line);
    }
    for (const line of want)
      if (!seen.has(line)) violations.push({ invariant: 'I3', what: `${key}: missing: ${line}` });
  }
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

/** Each move begins where the one before ended, and none is earlier. */
function checkChains(moves: readonly StoredMove[], violations: Violation[]): void {
  for (const [key, chain] of grouped(moves)) {
    let state = 'clear';
    let at = 0;
    const numbers = new Set(chain.map(({ sequence }) => sequence));
    if (numbers.size < chain.length) violations.push({ invariant: 'I6', what: `${key}: two moves with one number` });
    for (const move of chain) {
      const line = lineOf(move.to_state, move.became_due_at);
      const begins = move.from_state === state || move.amends !== null || state === 'retracted';
      if (!begins) violations.push({ invariant: 'I6', what: `${key}: ${line} though it stood at ${state}` });
      if (move.became_due_at < at && move.amends === null)
        violations.push({ invariant: 'I6', what: `${key}: ${line} goes back in time` });
      state = move.to_state;
      at = move.became_due_at;
    }
  }
}

/** risk.transitions holds every stored move, and for each flag in the order of the moves (repeats aside). */
function checkTopic({ moves, transitions }: Left, endAt: number, violations: Violation[]): void {
  const firstSeen = new Map<string, number>();
  for (const [place, { value }] of transitions.entries()) {
    const { data } = JSON.parse(value) as { data: { transition: { id: string } } };
    if (!firstSeen.has(data.transition.id)) firstSeen.set(data.transition.id, place);
  }
  for (const [key, chain] of grouped(moves)) {
    let last = -1;
    for (const move of chain) {
      if (move.became_due_at > endAt) break;
      const line = lineOf(move.to_state, move.became_due_at);
      const place = firstSeen.get(move.id);
      if (place === undefined) violations.push({ invariant: 'I3', what: `${key}: not on the topic: ${line}` });
      else if (place < last) violations.push({ invariant: 'I6', what: `${key}: told out of order: ${line}` });
      else last = place;
    }
  }
  const known = new Set(moves.map(({ id }) => id));
  for (const id of firstSeen.keys())
    if (!known.has(id)) violations.push({ invariant: 'I6', what: `told, but not stored: ${id}` });
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
