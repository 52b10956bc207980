import { DAY, isoOf } from '#domain';
import type { Evaluation } from '#scoring';
import { labelText } from '#scoring';

/** Everything that was found, for a program: shares from 0 to 1, instants as ISO 8601, null where nothing is known. */
export function evaluatedFigures(evaluation: Evaluation): object {
  const { outcome, pace, rows, customers, trained, contenders, gain, calibration, eceByChance, lead, notes } =
    evaluation;
  return {
    label: labelText(outcome),
    horizonDays: outcome.horizonMs / DAY,
    pace,
    rows: rows.length,
    customers,
    trained: trained.map(({ at, cutOffs, model, features, periods, periodMs, shift, ...more }) => ({
      at: isoOf(at),
      cutOffs: cutOffs.map(isoOf),
      rows: more.rows,
      periods,
      periodDays: periodMs / DAY,
      shift,
      intercept: model.intercept,
      weights: Object.fromEntries(features.map(({ name }, i) => [name, model.weights[i]!])),
    })),
    scores: Object.fromEntries(
      contenders.map(({ name, isProbability, quality, intervals }) => {
        const { brier, ece, ...rank } = quality;
        const told = isProbability ? { brier, ece } : { brier: null, ece: null };
        return [name, { ...rank, ...told, intervals }];
      }),
    ),
    gain,
    calibration,
    eceByChance,
    lead: lead && { ...lead, from: isoOf(lead.from), to: isoOf(lead.to) },
    notes,
  };
}
