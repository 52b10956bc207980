import { createHash } from 'node:crypto';
import type { LogRecord } from '../ports/event-log.js';
import type { Plan } from '../ports/window-store.js';

/** What a record is recognised by when its offset is read again: a topic made anew gives out the same offsets. */
export function printOf({ timestamp, key, value }: LogRecord): string {
  const hash = createHash('sha256').update(JSON.stringify([timestamp, key, value === null]));
  return hash
    .update(value ?? '')
    .digest('hex')
    .slice(0, 32);
}

export const printsOf = (records: readonly LogRecord[]): Pick<Plan, 'firstPrint' | 'lastPrint'> => ({
  firstPrint: printOf(records[0]!),
  lastPrint: printOf(records.at(-1)!),
});

/** `parted`: it begins as planned and goes on otherwise, or not at all. */
export type Likeness = 'same' | 'parted' | 'other';

/** Compares what can be compared: a log that is cleaned up may have lost either end of the chunk, or both. */
export function likeness(plan: Plan, records: readonly LogRecord[]): Likeness {
  const isAs = (offset: number, print: string): boolean | undefined => {
    const record = records.find((each) => each.offset === offset);
    return record === undefined || print === '' ? undefined : printOf(record) === print;
  };
  const first = isAs(plan.firstOffset, plan.firstPrint);
  const last = isAs(plan.lastOffset, plan.lastPrint);
  if (first !== false && last !== false) return 'same';
  return first === true ? 'parted' : 'other';
}
