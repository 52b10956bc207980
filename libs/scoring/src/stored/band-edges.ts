import type { BandEdge } from '#domain';
import { chance, logit } from '../hazard/logistic.js';

/**
 * How many of those at risk score so high or higher: a twentieth is what people can look after one by one, and a threshold on the
 * chance itself would put everybody into one band where most are lost, as in CDNOW, and nobody where few are.
 */
export const bandShares = { watch: 0.35, high: 0.15, critical: 0.05 } as const;
/** A band is left this much below where it begins, in log odds: about 6 points near a half, fewer near 0 and 1. */
export const bandSlack = 0.25;

/** From the scores of everybody at risk at cut-offs whose outcome is known. */
export function bandEdges(scores: readonly number[]): readonly BandEdge[] {
  const falling = scores.toSorted((a, b) => b - a);
  return (['watch', 'high', 'critical'] as const).map((band) => {
    const place = Math.max(1, Math.floor(bandShares[band] * falling.length));
    const enter = falling[place - 1]!;
    return { band, enter, leave: chance(logit(enter) - bandSlack) };
  });
}
