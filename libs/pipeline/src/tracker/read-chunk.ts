import type { AdmissionLimits } from '#contracts';
import { decodeEvent } from '#contracts';
import type { EpochMs, TenantId } from '#domain';
import type { DeadLetter, LetterSource } from '../ports/dead-letters.js';
import type { LogRecord } from '../ports/event-log.js';
import type { PlacedEvent } from '../ports/window-store.js';

export interface ReadingParts {
  readonly tenant: TenantId;
  readonly limits: AdmissionLimits;
}

/** What a run of records says: each is an event or a letter, never both, never neither. */
export interface ReadRecords {
  readonly events: readonly PlacedEvent[];
  readonly letters: readonly DeadLetter[];
}

/**
 * Reads records of an intake topic. Judged by when each arrived, not by now: reading them again comes to the same
 * events and letters, but for when the letters were seen.
 */
export function readRecords(
  source: LetterSource,
  records: readonly LogRecord[],
  { tenant, limits }: ReadingParts,
  now: EpochMs,
): ReadRecords {
  const { topic, partition, epoch } = source;
  const events: PlacedEvent[] = [];
  const letters: DeadLetter[] = [];
  for (const { offset, key, value: bytes, headers, timestamp } of records) {
    const value = bytes ?? new Uint8Array();
    const arrival = { tenant, receivedAt: timestamp, now: timestamp, trusted: true };
    const admission = decodeEvent(value, headers, { ...limits, ...arrival });
    if (admission.kind === 'admitted') {
      events.push(Object.assign(admission.event, { offset }));
      continue;
    }
    const { reason, detail } = admission;
    const id = letterId(source, offset);
    const place = { topic, partition, epoch, offset };
    letters.push({ id, reason, detail, ...place, key, value, headers, at: timestamp, seenAt: now });
  }
  return { events, letters };
}

/** The record's place; after the topic was made anew its offsets are given out once more, hence the epoch. */
export const letterId = ({ topic, partition, epoch }: LetterSource, offset: number): string =>
  `${topic}/${partition}/${offset}${epoch === 0 ? '' : `@${epoch}`}`;
