import type { BandEdge, EpochMs, TenantId } from '#domain';
import type { Evaluation } from '../evaluate/evaluate.js';
import type { CalibrationPart, Quality } from '../metrics/quality.js';
import type { ScoreModel } from './score-model.js';

/** How the same way of training did on the same history, at cut-offs whose outcome is known. */
export interface ModelEvidence {
  readonly cutOffs: readonly EpochMs[];
  readonly rows: number;
  readonly customers: number;
  /** Null is what could not be worked out: everybody was lost, or nobody. */
  readonly quality: Readonly<Record<keyof Quality, number | null>>;
  /** How much higher its AUC is than the best one-line rule's. */
  readonly gain: { readonly over: string; readonly auc: number | null };
  readonly calibration: readonly CalibrationPart[];
  readonly eceByChance: number;
}

/** Everything there is to know of one version of a tenant's score. */
export interface ModelCard {
  /** A hash of all the rest but `trainedAt`: the same data give the same version. */
  readonly version: string;
  readonly tenant: TenantId;
  /** Name of the pack in force when it was trained. */
  readonly pack: string;
  readonly trainedAt: EpochMs;
  readonly data: {
    readonly firstAt: EpochMs;
    readonly lastAt: EpochMs;
    readonly customers: number;
    readonly events: number;
  };
  readonly model: ScoreModel;
  readonly evidence: ModelEvidence;
  /** Where its bands begin, the lowest first; see `bandEdges`. */
  readonly bands: readonly BandEdge[];
}

export function evidenceOf(evaluation: Evaluation): ModelEvidence {
  const { trained, rows, customers, contenders, gain, calibration, eceByChance } = evaluation;
  const { auc, averagePrecision, lift, brier, ece, baseRate } = contenders[0]!.quality;
  return {
    cutOffs: trained.map(({ at }) => at),
    rows: rows.length,
    customers,
    quality: {
      auc: known(auc),
      averagePrecision: known(averagePrecision),
      lift: known(lift),
      brier: known(brier),
      ece: known(ece),
      baseRate: known(baseRate),
    },
    gain: { over: gain.over, auc: known(gain.auc) },
    calibration,
    eceByChance,
  };
}

const known = (figure: number): number | null => (Number.isNaN(figure) ? null : figure);
