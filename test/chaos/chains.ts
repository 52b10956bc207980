import type { Violation } from './evidence.js';
import type { StoredMove, TopicRecord } from './what-is-left.js';

/** Chains of moves: of flags, of each customer one for each rule, or of stages, of each customer one. */

/** What a move should have been. */
export interface Wanted {
  readonly customer: string;
  readonly rule: string;
  readonly to: string;
  readonly becameDueAt: number;
}

export const keyOf = (move: { readonly customer: string; readonly rule: string }): string =>
  `${move.customer} ${move.rule}`;

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

export const lineOf = (to: string, at: number): string => `${to} at ${new Date(at).toISOString()}`;

/** What still holds of one flag's stored moves: later ones may have replaced earlier ones. */
function standing(chain: readonly StoredMove[]): readonly StoredMove[] {
  const moves: StoredMove[] = [];
  for (const move of chain) {
    const { amends, to_state: to, became_due_at: at } = move;
    if (amends !== null) while (moves.length > 0 && moves.at(-1)!.became_due_at >= amends) moves.pop();
    const restores = amends !== null && at < amends;
    if (to !== 'retracted' && !restores) moves.push(move);
  }
  return moves;
}

/** `absences`: rules that say that somebody is missing. */
export function compare(
  expected: readonly Wanted[],
  moves: readonly StoredMove[],
  violations: Violation[],
  absences: ReadonlySet<string> = new Set(),
): void {
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

/** Each move begins where the one before ended, and none is earlier. */
export function checkChains(moves: readonly StoredMove[], first: string, violations: Violation[]): void {
  for (const [key, chain] of grouped(moves)) {
    let state = first;
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

/** The topic holds every stored move, and each chain's in their order (repeats aside). */
export function checkTopic(
  moves: readonly StoredMove[],
  records: readonly TopicRecord[],
  endAt: number,
  violations: Violation[],
): void {
  const firstSeen = new Map<string, number>();
  for (const [place, { value }] of records.entries()) {
    const { id } = JSON.parse(value) as { id: string };
    if (!firstSeen.has(id)) firstSeen.set(id, place);
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
