import type { EpochMs } from '#domain';
import type { Outcome } from '../evaluate/panel.js';
import type { Scorer, TrainedScore } from '../evaluate/train.js';
import { buyingFeature } from '../hazard/buying-model.js';
import type { Pace } from '../hazard/customer-past.js';
import type { FeatureName } from '../hazard/features.js';
import { allFeatures } from '../hazard/features.js';
import type { BgParameters } from '../purchases/bg-nbd.js';

/** A trained score as plain JSON. Its numbers survive being written and read: JSON prints doubles so that they come back. */
export interface ScoreModel {
  readonly outcome: Outcome;
  /** What was known at this instant went into it. */
  readonly at: EpochMs;
  readonly cutOffs: readonly EpochMs[];
  /** Customers times cut-offs that it was learned from. */
  readonly rows: number;
  readonly pace: Pace;
  readonly periods: number;
  readonly periodMs: number;
  /** See `recalibrate`; contained in the intercept. */
  readonly shift: number;
  readonly intercept: number;
  readonly features: readonly {
    readonly name: FeatureName;
    /** Log odds for each spread that it lies above the mean. */
    readonly weight: number;
    readonly mean: number;
    readonly spread: number;
  }[];
  /** Of BG/NBD; null where its fit degenerated, and then no feature is made of it. */
  readonly buying: BgParameters | null;
}

export function scoreModelOf(outcome: Outcome, trained: TrainedScore): ScoreModel {
  const { at, cutOffs, rows, pace, periods, periodMs, shift, model, features, buying } = trained;
  return {
    outcome,
    at,
    cutOffs,
    rows,
    pace,
    periods,
    periodMs,
    shift,
    intercept: model.intercept,
    features: features.map(({ name }, i) => ({
      name,
      weight: model.weights[i]!,
      mean: model.means[i]!,
      spread: model.spreads[i]!,
    })),
    buying: buying.kind === 'fitted' ? buying.parameters : null,
  };
}

/** What `scoreAll` takes, from what was stored: the reference for every other way of scoring by it. */
export function scorerOf({ features, intercept, buying, pace, periods, periodMs }: ScoreModel): Scorer {
  const known = [...allFeatures, ...(buying === null ? [] : [buyingFeature(buying, periodMs)])];
  return {
    model: {
      intercept,
      weights: features.map(({ weight }) => weight),
      means: features.map(({ mean }) => mean),
      spreads: features.map(({ spread }) => spread),
    },
    features: features.map(({ name }) => {
      const feature = known.find((each) => each.name === name);
      if (feature === undefined) throw new TypeError(`a score has no feature "${name}"`);
      return feature;
    }),
    pace,
    periods,
    periodMs,
  };
}
