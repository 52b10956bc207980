import type { Example, LogisticModel } from './logistic.js';
import { chance, logOddsFor } from './logistic.js';

/** 1 in 100 by chance alone. */
const driftFrom = 2.576;

/**
 * Calibration in the large on the newest matured labels: do as many come as a model foretells that has not seen them?
 * Spiegelhalter (1986) has the test, (seen - foretold) / sqrt(sum p (1 - p)). Only if not is the intercept of `model` moved
 * until it foretells as many as came (Platt's scaling with the slope left alone; Steyerberg 2009, 20.2): what is not
 * broken gains nothing from being fitted to one moment.
 */
export function recalibrate(
  model: LogisticModel,
  unseen: LogisticModel | null,
  newest: readonly Example[],
): { readonly model: LogisticModel; readonly shift: number } {
  if (unseen === null || newest.length === 0) return { model, shift: 0 };
  const seen = newest.reduce((sum, { label }) => sum + Number(label), 0);
  const told = newest.map(({ features }) => chance(logOddsFor(unseen, features)));
  const [foretold, variance] = told.reduce(([sum, spread], p) => [sum + p, spread + p * (1 - p)] as const, [0, 0]);
  const drifted = Math.abs(seen - foretold) > driftFrom * Math.sqrt(variance);
  if (!drifted || seen === 0 || seen === newest.length) return { model, shift: 0 };
  const offsets = newest.map(({ features }) => logOddsFor(model, features));
  let shift = 0;
  for (let turn = 0; turn < 30; turn++) {
    const moved = offsets.map((offset) => chance(offset + shift));
    const [sum, slope] = moved.reduce(([a, b], p) => [a + p, b + p * (1 - p)] as const, [0, 0]);
    const step = Math.max(-1, Math.min(1, (seen - sum) / Math.max(slope, 1e-9)));
    shift += step;
    if (Math.abs(step) < 1e-10) break;
  }
  return { model: { ...model, intercept: model.intercept + shift }, shift };
}
