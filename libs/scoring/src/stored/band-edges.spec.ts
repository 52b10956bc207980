import { advanceBand } from '#domain';
import { bandEdges, bandShares } from './band-edges.js';

describe('where bands begin', () => {
  const scores = Array.from({ length: 1_000 }, (_, i) => (i + 0.5) / 1_000);
  const shareFrom = (band: keyof typeof bandShares): number => {
    const { enter } = bandEdges(scores).find((edge) => edge.band === band)!;
    return scores.filter((score) => score >= enter).length / scores.length;
  };

  it('is where the shares of those at risk say, whatever the chances are', () => {
    expect([shareFrom('watch'), shareFrom('high'), shareFrom('critical')]).toEqual(Object.values(bandShares));
  });

  it('rises from band to band, and each is left below where it begins', () => {
    const edges = bandEdges(scores.map((score) => score / 50));
    expect(edges.map(({ enter }) => enter)).toEqual(edges.map(({ enter }) => enter).toSorted((a, b) => a - b));
    for (const { enter, leave } of edges) expect(leave).toBeLessThan(enter);
  });

  it('is found for one customer, and for scores that are sure', () => {
    expect(bandEdges([0.4]).map(({ enter }) => enter)).toEqual([0.4, 0.4, 0.4]);
    for (const sure of [0, 1]) {
      const edges = bandEdges([sure, sure]);
      expect(edges.every(({ enter, leave }) => enter === sure && leave === sure)).toBe(true);
      expect(advanceBand(null, sure, edges)).toBe('critical');
    }
  });
});
