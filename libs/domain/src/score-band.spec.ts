import type { BandEdge, ScoreBand } from './score-band.js';
import { advanceBand, scoreBands } from './score-band.js';

const edges: readonly BandEdge[] = [
  { band: 'watch', enter: 0.3, leave: 0.25 },
  { band: 'high', enter: 0.6, leave: 0.5 },
  { band: 'critical', enter: 0.8, leave: 0.7 },
];

describe('the band of a score', () => {
  // Each score within a band, or between the two sides of an edge; what follows for each band before.
  it.each<[number, ...ScoreBand[]]>([
    //     none      low       watch    high      critical
    [0.0, 'low', 'low', 'low', 'low', 'low'],
    [0.25, 'low', 'low', 'watch', 'watch', 'watch'],
    [0.3, 'watch', 'watch', 'watch', 'watch', 'watch'],
    [0.49, 'watch', 'watch', 'watch', 'watch', 'watch'],
    [0.5, 'watch', 'watch', 'watch', 'high', 'high'],
    [0.6, 'high', 'high', 'high', 'high', 'high'],
    [0.69, 'high', 'high', 'high', 'high', 'high'],
    [0.7, 'high', 'high', 'high', 'high', 'critical'],
    [0.8, 'critical', 'critical', 'critical', 'critical', 'critical'],
    [1.0, 'critical', 'critical', 'critical', 'critical', 'critical'],
  ])('at %d', (score, ...after) => {
    expect([null, ...scoreBands].map((before) => advanceBand(before, score, edges))).toEqual(after);
  });

  it('does not flap where a score wavers about an edge', () => {
    let band: ScoreBand | null = null;
    const seen = [0.59, 0.61, 0.59, 0.61, 0.52, 0.59].map((score) => (band = advanceBand(band, score, edges)));
    expect(seen).toEqual(['watch', 'high', 'high', 'high', 'high', 'high']);
  });

  it('is the highest of those whose edges fall together', () => {
    const one = edges.map((edge) => ({ ...edge, enter: 0.5, leave: 0.5 }));
    expect([0.49, 0.5].map((score) => advanceBand('watch', score, one))).toEqual(['low', 'critical']);
  });
});
