import type { EpochMs } from '#domain';
import { ChurnError, DAY, epochMs, isoOf } from '#domain';
import type { Pace } from '../hazard/customer-past.js';
import { windowDays } from '../hazard/customer-past.js';

export interface EvaluationPlan {
  readonly horizonMs: number;
  /** Oldest first. All labels have matured within the data. */
  readonly cutOffs: readonly EpochMs[];
}

interface Extent {
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/**
 * Where nothing else is asked for: a horizon of 30 days or four typical gaps, whichever is longer, but a fifth of the data at
 * most; and up to four cut-offs half a horizon apart, the last one as late as its labels allow, none in the first half of the data.
 * Throws ChurnError CONFIG_INVALID when a cut-off's labels lie beyond the data, or before it is nothing to learn from.
 */
export function planEvaluation(
  { firstAt, lastAt }: Extent,
  typicalGapDays: number,
  asked: { readonly horizonMs?: number | undefined; readonly cutOffs?: readonly EpochMs[] | undefined },
): EvaluationPlan {
  const spanMs = lastAt - firstAt;
  const usual = Math.min(Math.max(30, 4 * typicalGapDays), spanMs / DAY / 5);
  const horizonMs = asked.horizonMs ?? Math.max(1, Math.floor(usual)) * DAY;
  if (asked.cutOffs !== undefined) {
    const cutOffs = asked.cutOffs.toSorted((a, b) => a - b);
    const late = cutOffs.find((at) => at + horizonMs > lastAt);
    if (late !== undefined)
      throw new ChurnError('CONFIG_INVALID', `--cutoffs: the horizon after ${isoOf(late)} ends after the data`);
    const early = cutOffs.find((at) => at - firstAt < 3 * DAY);
    if (early !== undefined)
      throw new ChurnError('CONFIG_INVALID', `--cutoffs: before ${isoOf(early)} is nothing to learn from`);
    return { horizonMs, cutOffs };
  }
  const latest = Math.floor((lastAt - horizonMs) / DAY) * DAY;
  const cutOffs = [3, 2, 1, 0].map((i) => latest - (i * horizonMs) / 2).filter((at) => at - firstAt >= spanMs / 2);
  if (cutOffs.length === 0)
    throw new ChurnError('CONFIG_INVALID', '--horizon: it is so long that no cut-off has data before and after it');
  return { horizonMs, cutOffs: cutOffs.map(epochMs) };
}

/** Slow data have long windows, but none longer than half of what was known before the first cut-off. */
export function paceOf(typicalGapDays: number, knownMs: number): Pace {
  const most = Math.max(1, knownMs / 2 / DAY / windowDays.at(-1)!);
  const stretch = Math.min(Math.max(1, typicalGapDays / windowDays[0]), most);
  return { typicalGapDays: Math.max(typicalGapDays, 1 / 24), stretch: Math.max(1, Math.floor(stretch)) };
}
