import { InvalidArgumentError } from 'commander';
import type { EpochMs } from '#domain';
import { epochMs, parseSpan } from '#domain';

/** The argument of an option: an instant, or a date for its first one, UTC. */
export function date(text: string): EpochMs {
  const isInstant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  if (!isInstant || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Write it like 2026-03-01, or 2026-03-01T08:00Z.');
  return epochMs(Date.parse(text));
}

/** The argument of an option: how long, in milliseconds. */
export function span(text: string): number {
  const ms = parseSpan(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('Write it like 30d.');
  return ms;
}
