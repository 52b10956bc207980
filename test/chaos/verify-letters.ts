import type { Evidence, Violation } from './evidence.js';
import type { Left } from './what-is-left.js';

/** I7: every malformed record is a dead letter with a reason, in the store and on its topic, and nothing else is. */
export function checkLetters(
  { poison }: Evidence,
  { letters, deadLetters }: Left,
  violations: Violation[],
  counts: Record<string, number>,
): void {
  const found = new Map<string, number>();
  for (const { key, reason } of letters) {
    found.set(key ?? '', (found.get(key ?? '') ?? 0) + 1);
    if (reason === '') violations.push({ invariant: 'I7', what: `${key} is buried without a reason` });
  }
  const told = new Set(deadLetters.map(({ key }) => key));
  const known = new Map(poison.map((each) => [each.key, each]));
  for (const { key, acknowledged, tries } of poison) {
    const times = found.get(key) ?? 0;
    if (acknowledged && times === 0) violations.push({ invariant: 'I7', what: `${key} was not buried` });
    if (times > tries)
      violations.push({ invariant: 'I7', what: `${key} was buried ${times} times, sent ${tries} times` });
    if (times > 0 && !told.has(key))
      violations.push({ invariant: 'I7', what: `${key} is not on the dead-letter topic` });
  }
  for (const key of found.keys())
    if (!known.has(key)) violations.push({ invariant: 'I7', what: `${key} was buried and is none of the malformed` });
  counts['malformed records'] = poison.length;
}
