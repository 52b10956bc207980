import { DAY, epochMs, tenantId } from '#domain';
import type { FeatureName, ModelCard, ScoreModel } from '#scoring';
import { allFeatures, bandEdges } from '#scoring';

const at = epochMs(Date.UTC(2026, 2, 1));

/** Every feature there is, none of them weightless. */
export function aModel(changed: Partial<ScoreModel> = {}): ScoreModel {
  const names: readonly FeatureName[] = ['BG/NBD', ...allFeatures.map(({ name }) => name)];
  return {
    outcome: { event: null, horizonMs: 60 * DAY },
    at,
    cutOffs: [epochMs(at - 60 * DAY), epochMs(at - 30 * DAY)],
    rows: 4_321,
    pace: { typicalGapDays: 100 / 7, stretch: 2 },
    periods: 2,
    periodMs: 30 * DAY,
    shift: -1 / 7,
    intercept: 1 / 3,
    // Numbers that have no short decimal form: what is stored must come back to the last bit.
    features: names.map((name, i) => ({ name, weight: Math.sin(i + 1) / 3, mean: i / 7, spread: 1 + i / 11 })),
    buying: { r: 1 / 3, alpha: 17 / 7, a: 2 / 3, b: 13 / 7 },
    ...changed,
  };
}

export function aCard(version: string, changed: Partial<ModelCard> = {}): ModelCard {
  return {
    version,
    tenant: tenantId('default'),
    pack: 'app',
    trainedAt: at,
    data: { firstAt: epochMs(at - 300 * DAY), lastAt: at, customers: 1_000, events: 20_000 },
    model: aModel(),
    evidence: {
      cutOffs: [epochMs(at - 90 * DAY)],
      rows: 900,
      customers: 800,
      quality: { auc: 0.75, averagePrecision: 0.6, lift: 2.5, brier: 0.18, ece: 0.02, baseRate: 0.3 },
      gain: { over: 'recency', auc: 0.04 },
      calibration: [{ from: 0, to: 0.1, customers: 900, foretold: 0.05, came: 0.06 }],
      eceByChance: 0.01,
    },
    bands: bandEdges([0.1, 0.2, 0.4, 0.9]),
    ...changed,
  };
}
