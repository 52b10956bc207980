import { solve } from '../numeric/solve.js';

/** One customer at one cut-off: what was known, and what came. */
export interface Example {
  readonly features: readonly number[];
  readonly label: boolean;
}

/** Of standardised features: (x - mean) / spread. */
export interface LogisticModel {
  readonly means: readonly number[];
  readonly spreads: readonly number[];
  /** Log odds for each standard deviation. */
  readonly weights: readonly number[];
  readonly intercept: number;
}

export const logit = (p: number): number => Math.log(p / (1 - p));
export const chance = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

/** Beyond so many standard deviations a feature says no more than there: nothing was learned from such values. */
export const farthest = 5;

/**
 * Ridge-penalised logistic regression by iteratively reweighted least squares; McCullagh & Nelder (1989), Generalized
 * Linear Models, 2.5; the penalty as le Cessie & van Houwelingen (1992) have it: `ridge`/2 times the squared weights of
 * standardised features, the intercept free. Over rows of customer and period this is the discrete-time hazard of
 * Singer & Willett (1993). Null when there are not both labels.
 */
export function fitLogistic(examples: readonly Example[], ridge = 1): LogisticModel | null {
  const positives = examples.reduce((sum, { label }) => sum + Number(label), 0);
  if (positives === 0 || positives === examples.length) return null;
  const scale = scaleOf(examples);
  const rows = examples.map(({ features }) => standardised(scale, features));
  const size = scale.means.length + 1;
  let weights: number[] = [logit(positives / examples.length), ...scale.means.map(() => 0)];
  const penalised = (at: readonly number[]): number =>
    rows.reduce((sum, row, i) => sum + lossOf(logOddsOf(at, row), examples[i]!.label), 0) +
    (ridge / 2) * at.slice(1).reduce((sum, w) => sum + w * w, 0);
  let value = penalised(weights);
  for (let turn = 0; turn < 50; turn++) {
    const { gradient, curvature } = slopeAt(weights, rows, examples, ridge, size);
    const step = solve(curvature, gradient);
    if (step === null) break;
    let length = 1;
    let next = weights.map((w, j) => w - step[j]!);
    let nextValue = penalised(next);
    while (!(nextValue <= value) && length > 1e-4) {
      length /= 2;
      next = weights.map((w, j) => w - length * step[j]!);
      nextValue = penalised(next);
    }
    if (!(nextValue <= value)) break;
    const gained = value - nextValue;
    [weights, value] = [next, nextValue];
    if (gained < 1e-9 * (1 + value)) break;
  }
  return { ...scale, weights: weights.slice(1), intercept: weights[0]! };
}

export const logOddsFor = (model: LogisticModel, features: readonly number[]): number =>
  model.intercept + contributions(model, features).reduce((sum, part) => sum + part, 0);

export const predict = (model: LogisticModel, features: readonly number[]): number =>
  chance(logOddsFor(model, features));

/** What each feature adds to the log odds, measured from the mean customer: the reasons for a score, and they add up to it. */
export const contributions = (model: LogisticModel, features: readonly number[]): readonly number[] =>
  standardised(model, features).map((x, j) => x * model.weights[j]!);

function slopeAt(
  weights: readonly number[],
  rows: readonly (readonly number[])[],
  examples: readonly Example[],
  ridge: number,
  size: number,
) {
  const gradient = Array.from({ length: size }, (_, j) => (j === 0 ? 0 : ridge * weights[j]!));
  // Columns without spread have no curvature of their own; the ridge keeps the matrix definite.
  const curvature = Array.from({ length: size }, (_, j) =>
    Array.from({ length: size }, (_, k) => (j === k && j > 0 ? Math.max(ridge, 1e-9) : 0)),
  );
  for (const [i, row] of rows.entries()) {
    const p = chance(logOddsOf(weights, row));
    const [miss, weight] = [p - Number(examples[i]!.label), Math.max(p * (1 - p), 1e-9)];
    for (let j = 0; j < size; j++) {
      const x = j === 0 ? 1 : row[j - 1]!;
      gradient[j]! += miss * x;
      const line = curvature[j]!;
      for (let k = 0; k <= j; k++) line[k]! += weight * x * (k === 0 ? 1 : row[k - 1]!);
    }
  }
  return { gradient, curvature };
}

const logOddsOf = (weights: readonly number[], row: readonly number[]): number => {
  let sum = weights[0]!;
  for (let j = 0; j < row.length; j++) sum += weights[j + 1]! * row[j]!;
  return sum;
};

/** -ln of the likelihood of one label. */
function lossOf(logOdds: number, label: boolean): number {
  const against = label ? -logOdds : logOdds;
  return against > 30 ? against : Math.log1p(Math.exp(against));
}

function scaleOf(examples: readonly Example[]): {
  readonly means: readonly number[];
  readonly spreads: readonly number[];
} {
  const size = examples[0]!.features.length;
  const means = Array.from({ length: size }, () => 0);
  for (const { features } of examples) for (let j = 0; j < size; j++) means[j]! += features[j]! / examples.length;
  const squares = Array.from({ length: size }, () => 0);
  for (const { features } of examples)
    for (let j = 0; j < size; j++) squares[j]! += (features[j]! - means[j]!) ** 2 / examples.length;
  return { means, spreads: squares.map((square) => (square > 1e-18 ? Math.sqrt(square) : 1)) };
}

const standardised = (
  { means, spreads }: Pick<LogisticModel, 'means' | 'spreads'>,
  features: readonly number[],
): readonly number[] => features.map((x, j) => Math.min(farthest, Math.max(-farthest, (x - means[j]!) / spreads[j]!)));
