/** How urgent a score is, the calmest first. */
export const scoreBands = ['low', 'watch', 'high', 'critical'] as const;
export type ScoreBand = (typeof scoreBands)[number];

/** Where a band above `low` begins: reached from `enter` on, and left again only below `leave`, which is not above it. */
export interface BandEdge {
  readonly band: Exclude<ScoreBand, 'low'>;
  readonly enter: number;
  readonly leave: number;
}

/**
 * The band after a score, given the one before; null where there was none. It rises as soon as an edge is reached, and falls
 * only as far as the score lies below the edges' lower sides: a score that wavers about an edge stays where it is.
 */
export function advanceBand(before: ScoreBand | null, score: number, edges: readonly BandEdge[]): ScoreBand {
  const reached = edges.filter(({ enter }) => score >= enter).length;
  const kept = edges.filter(({ leave }) => score >= leave).length;
  const from = before === null ? 0 : scoreBands.indexOf(before);
  return scoreBands[Math.min(Math.max(from, reached), kept)]!;
}
