declare const instant: unique symbol;
/** Milliseconds since 1970-01-01T00:00:00Z, always a whole number. */
export type EpochMs = number & { readonly [instant]: 'EpochMs' };

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const epochMs = (value: number): EpochMs => Math.trunc(value) as EpochMs;
export const plus = (at: EpochMs, durationMs: number): EpochMs => epochMs(at + durationMs);
export const isoOf = (at: EpochMs): string => new Date(at).toISOString();

/** The one source of "now". Live it is the wall clock, in a replay the feed's clock, in tests a hand-turned one. */
export interface Clock {
  now(): EpochMs;
}

export const systemClock: Clock = { now: () => epochMs(Date.now()) };

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/** Reads "90s", "15m", "36h", "7d", "2w" as milliseconds; undefined when the text is not a span. */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d+)(ms|s|m|h|d|w)$/.exec(text.trim());
  if (!match) return undefined;
  const unit = unitMs[match[2]!];
  const ms = Number(match[1]) * (unit ?? NaN);
  return Number.isSafeInteger(ms) ? ms : undefined;
}
