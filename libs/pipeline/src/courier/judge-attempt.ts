import type { Attempt, DeliveryResult, EpochMs, FailureReason } from '#domain';
import { impossible, longestRetryAfterMs, plus, retryScheduleMs } from '#domain';

/** Waits are stretched or shortened by up to this share, so that what failed together does not come back together. */
const jitter = 0.2;
const longestDetail = 300;

/** What is written down of a try, and when the next one is due. Pure. */
export function judge(
  result: DeliveryResult,
  when: {
    /** 1 for the first try. */
    readonly number: number;
    readonly now: EpochMs;
    readonly expiresAt: EpochMs;
    /** From 0 up to 1. */
    readonly random: number;
  },
): Pick<Attempt, 'number' | 'state' | 'reason' | 'detail' | 'retryAt'> {
  const { number, now, expiresAt, random } = when;
  switch (result.kind) {
    case 'delivered':
      return { number, state: 'delivered', reason: null, detail: oneLine(result.receipt), retryAt: null };
    case 'give-up':
      return { number, state: 'given-up', reason: result.reason, detail: oneLine(result.detail), retryAt: null };
    case 'retry': {
      const ended = (reason: FailureReason, why: string): ReturnType<typeof judge> => ({
        number,
        state: 'given-up',
        reason,
        detail: oneLine(`${why}; last: ${result.reason}, ${result.detail}`),
        retryAt: null,
      });
      const waitMs = retryScheduleMs[number - 1];
      if (waitMs === undefined) return ended('exhausted', `tried ${number} times`);
      const stretched = waitMs * (1 - jitter + 2 * jitter * random);
      // Never before the receiver wants it.
      const asked = Math.min(result.afterMs ?? 0, longestRetryAfterMs);
      const retryAt = plus(now, Math.max(stretched, asked));
      if (retryAt > expiresAt) return ended('expired', 'the next try would come too late to be of use');
      return { number, state: 'retrying', reason: result.reason, detail: oneLine(result.detail), retryAt };
    }
    default:
      return impossible(result);
  }
}

const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, longestDetail);
