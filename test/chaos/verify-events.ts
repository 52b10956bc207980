import { DAY, HOUR } from '#domain';
import type { Evidence, Violation } from './evidence.js';
import type { Sent } from './lives.js';
import type { Bucket, Left } from './what-is-left.js';

const keyOf = ({ source, id }: { readonly source: string; readonly id: string }): string => `${source}/${id}`;

/** I1 and I2: every acknowledged event is stored, none twice, none that was not sent, and the windows count the same. */
export function checkEvents(
  { sent, endAt }: Evidence,
  { events, hours, days }: Left,
  violations: Violation[],
  counts: Record<string, number>,
): void {
  const stored = new Map(events.map((row) => [keyOf(row), row.times]));
  const known = new Map(sent.map((event) => [keyOf(event), event]));
  for (const [key, event] of known) {
    const times = stored.get(key) ?? 0;
    // What came after the end may still wait in the log.
    if (event.acknowledged > 0 && times === 0 && event.handAt <= endAt)
      violations.push({ invariant: 'I1', what: `lost ${key}` });
    if (times > 1)
      violations.push({ invariant: 'I2', what: `${key} stored ${times} times, sent ${event.tries} times` });
  }
  for (const key of stored.keys())
    if (!known.has(key)) violations.push({ invariant: 'I2', what: `${key} is stored and was never sent` });

  const present = sent.filter((event) => stored.has(keyOf(event)));
  compare('hours', bucketsOf(present, HOUR), hours, violations);
  compare('days', bucketsOf(present, DAY), days, violations);
  counts['events'] = present.length;
  counts['requests repeated'] = sent.filter((event) => event.tries > 1).length;
  counts['hour buckets'] = hours.length;
}

function bucketsOf(events: readonly Sent[], size: number): Map<string, Bucket> {
  const buckets = new Map<string, Bucket>();
  for (const { customer, type, at, amount } of events) {
    const bucket = Math.floor(at / size) * size;
    const key = `${customer}/${type}/${bucket}`;
    const before = buckets.get(key) ?? { customer, type, bucket, events: 0, amount: 0, first: at, last: at };
    buckets.set(key, {
      ...before,
      events: before.events + 1,
      amount: before.amount + (amount ?? 0),
      first: Math.min(before.first, at),
      last: Math.max(before.last, at),
    });
  }
  return buckets;
}

function compare(
  name: string,
  expected: ReadonlyMap<string, Bucket>,
  found: readonly Bucket[],
  violations: Violation[],
): void {
  const seen = new Set<string>();
  for (const row of found) {
    const key = `${row.customer}/${row.type}/${row.bucket}`;
    seen.add(key);
    const wanted = expected.get(key);
    const text = (bucket: Bucket | undefined): string =>
      bucket === undefined ? 'nothing' : `${bucket.events} (${bucket.amount}) ${bucket.first}-${bucket.last}`;
    if (text(wanted) !== text(row))
      violations.push({ invariant: 'I2', what: `${name} ${key}: ${text(row)}, expected ${text(wanted)}` });
  }
  for (const key of expected.keys())
    if (!seen.has(key)) violations.push({ invariant: 'I2', what: `${name} ${key}: nothing there` });
}
