/** A score of somebody, the higher the likelier the label, and what came. */
export interface Scored {
  readonly score: number;
  readonly label: boolean;
}

export interface Quality {
  /** Share of pairs, one lost and one not, in which the lost one scores higher; half of the ties. Hanley & McNeil 1982. */
  readonly auc: number;
  /** Mean precision over the lost ones, from the highest score down; equals come together. */
  readonly averagePrecision: number;
  /** Base rate among the tenth that scores highest, as a multiple of that of all. Of equals on the edge a proportional part. */
  readonly lift: number;
  /** Mean squared difference of score and label; Brier 1950. Only of probabilities. */
  readonly brier: number;
  /** Expected calibration error: mean over ten equal parts of [0, 1] of |mean score - base rate|; Naeini et al. 2015. */
  readonly ece: number;
  readonly baseRate: number;
}

export const calibrationParts = 10;
const partOf = (score: number): number =>
  Math.min(calibrationParts - 1, Math.max(0, Math.floor(score * calibrationParts)));

/** Scores in falling order, to be asked many times under other weights, as the bootstrap does. */
export class Ranking {
  readonly size: number;
  private readonly order: Int32Array;
  private readonly scores: Float64Array;
  private readonly labels: Uint8Array;

  constructor(scored: readonly Scored[]) {
    this.size = scored.length;
    const order = scored.map((_, i) => i).sort((a, b) => scored[b]!.score - scored[a]!.score);
    this.order = Int32Array.from(order);
    this.scores = Float64Array.from(order, (i) => scored[i]!.score);
    this.labels = Uint8Array.from(order, (i) => Number(scored[i]!.label));
  }

  /** `weights` are by the place in the list given at first; without, each counts once. Figures without sense are NaN. */
  quality(weights?: ArrayLike<number>, liftShare = 0.1): Quality {
    const weightAt = (place: number): number => (weights === undefined ? 1 : weights[this.order[place]!]!);
    let [all, lost, brier] = [0, 0, 0];
    const parts = Array.from({ length: calibrationParts }, () => ({ weight: 0, lost: 0, scores: 0 }));
    for (let i = 0; i < this.size; i++) {
      const [weight, score, label] = [weightAt(i), this.scores[i]!, this.labels[i]!];
      all += weight;
      lost += weight * label;
      brier += weight * (score - label) ** 2;
      const part = parts[partOf(score)]!;
      part.weight += weight;
      part.lost += weight * label;
      part.scores += weight * score;
    }
    let [seen, seenLost, pairs, precisions, lostOnTop] = [0, 0, 0, 0, 0];
    const top = liftShare * all;
    for (let i = 0; i < this.size;) {
      let [equals, equalsLost] = [0, 0];
      const score = this.scores[i]!;
      for (; i < this.size && this.scores[i] === score; i++) {
        equals += weightAt(i);
        equalsLost += weightAt(i) * this.labels[i]!;
      }
      if (equals === 0) continue;
      pairs += (equals - equalsLost) * (seenLost + equalsLost / 2);
      lostOnTop += equalsLost * Math.min(1, Math.max(0, (top - seen) / equals));
      seen += equals;
      seenLost += equalsLost;
      precisions += equalsLost * (seenLost / seen);
    }
    return {
      auc: pairs / (lost * (all - lost)),
      averagePrecision: precisions / lost,
      lift: lostOnTop / top / (lost / all),
      brier: brier / all,
      ece: parts.reduce((sum, part) => sum + Math.abs(part.scores - part.lost), 0) / all,
      baseRate: lost / all,
    };
  }
}

export const qualityOf = (scored: readonly Scored[], liftShare = 0.1): Quality =>
  new Ranking(scored).quality(undefined, liftShare);

/** Share of the lost among the k that score highest; of equals on the edge a proportional part. */
export function precisionAt(scored: readonly Scored[], k: number): number {
  const { lift, baseRate } = qualityOf(scored, k / scored.length);
  return lift * baseRate;
}

export interface CalibrationPart {
  readonly from: number;
  readonly to: number;
  readonly customers: number;
  /** Mean score and share of the lost; null where nobody is. */
  readonly foretold: number | null;
  readonly came: number | null;
}

/** What lies behind `ece`: a probability is right when of those told 30 % about 30 % are lost. */
export function calibration(scored: readonly Scored[]): readonly CalibrationPart[] {
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  return Array.from({ length: calibrationParts }, (_, part) => {
    const own = scored.filter(({ score }) => partOf(score) === part);
    return {
      from: part / calibrationParts,
      to: (part + 1) / calibrationParts,
      customers: own.length,
      foretold: mean(own.map(({ score }) => score)),
      came: mean(own.map(({ label }) => Number(label))),
    };
  });
}

/**
 * The `ece` that exact probabilities would have with so many rows, by chance alone: what came in a part scatters by the root of
 * the sum of p (1 - p), and the mean distance of a normal is its spread times the root of 2 / pi.
 */
export function eceByChance(scored: readonly Scored[]): number {
  const variances = Array.from({ length: calibrationParts }, () => 0);
  for (const { score } of scored) variances[partOf(score)]! += score * (1 - score);
  return variances.reduce((sum, variance) => sum + Math.sqrt((2 / Math.PI) * variance), 0) / scored.length;
}
