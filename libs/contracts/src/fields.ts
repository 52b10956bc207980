import { z } from 'zod';
import { isoOf } from '#domain';
import type { EpochMs } from '#domain';

/** RFC 3339 in UTC with milliseconds, as every answer and envelope writes instants. */
export const instant = z.iso.datetime().meta({ description: 'Instant, RFC 3339 in UTC' });
export const day = z.iso.date().meta({ description: 'UTC day' });
export const localText = z.object({ en: z.string(), zh: z.string() });
export const signalValues = z
  .record(z.string(), z.number().nullable())
  .meta({ description: 'Signals by name; null where the customer’s history cannot carry the number' });
export const count = z.int().nonnegative();

export const isoOrNull = (at: EpochMs | null): string | null => (at === null ? null : isoOf(at));
