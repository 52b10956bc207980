import type { EpochMs } from '#domain';
import { DAY, epochMs } from '#domain';
import type { CustomerPast, Pace } from '../hazard/customer-past.js';
import { buyingFeature, fitBuying } from '../hazard/buying-model.js';
import type { BgParameters } from '../purchases/bg-nbd.js';
import type { Fit } from '../purchases/fit.js';
import type { Feature } from '../hazard/features.js';
import { featuresFor } from '../hazard/features.js';
import type { Example, LogisticModel } from '../hazard/logistic.js';
import { fitLogistic, predict } from '../hazard/logistic.js';
import { recalibrate } from '../hazard/recalibrate.js';
import type { Outcome, Panel } from './panel.js';
import { isAtRisk, outcomeOf } from './panel.js';

/** What scoring takes. */
export interface Scorer {
  readonly model: LogisticModel;
  readonly features: readonly Feature[];
  readonly pace: Pace;
  /** The horizon is foretold as so many periods of equal length in a row. */
  readonly periods: number;
  readonly periodMs: number;
}

/** A score as it could have been had at `at`: no label that had not matured by then went into it. */
export interface TrainedScore extends Scorer {
  readonly at: EpochMs;
  /** Fitted to everybody's days of activity up to `at`. */
  readonly buying: Fit<keyof BgParameters>;
  readonly cutOffs: readonly EpochMs[];
  readonly rows: number;
  /** By how much the intercept was moved, for the newest labels had drifted; 0: they had not. */
  readonly shift: number;
}

const mostCutOffs = 12;
/**
 * Expects weights of about half a log odds for each standard deviation, with a customer's rows counted as one: they tell nearly
 * the same at each cut-off, and as many rows outvote the penalty as many times.
 */
const ridgePerCutOff = 4;
/** More teach a logistic regression of this size nothing. */
const mostRows = 150_000;

/**
 * From where training looks back. The periods are as long as a third of what is known, so that cut-offs with a past of
 * such length before them and a period after them spread over another third; as one where the horizon is no longer.
 */
export function trainingPlan(
  firstAt: EpochMs,
  at: EpochMs,
  horizonMs: number,
): { readonly periods: number; readonly periodMs: number; readonly cutOffs: readonly EpochMs[] } {
  const known = Math.max(0, at - firstAt);
  const periods = Math.max(1, Math.ceil((3 * horizonMs) / Math.max(known, DAY)));
  const periodMs = horizonMs / periods;
  const [oldest, newest] = [firstAt + known / 3, at - periodMs];
  const step = Math.min(Math.max(DAY, (newest - oldest) / (mostCutOffs - 1)), Math.max(DAY, horizonMs / 2));
  const cutOffs: EpochMs[] = [];
  for (let i = 0; i < mostCutOffs && newest - i * step >= oldest - 1; i++) cutOffs.unshift(epochMs(newest - i * step));
  return { periods, periodMs, cutOffs };
}

/** Null when what is known does not hold both labels. */
export async function train(
  panel: Panel,
  outcome: Outcome,
  pace: Pace,
  firstAt: EpochMs,
  at: EpochMs,
): Promise<TrainedScore | null> {
  const { periods, periodMs, cutOffs } = trainingPlan(firstAt, at, outcome.horizonMs);
  const rows: { readonly past: CustomerPast; readonly cutOff: EpochMs; readonly label: boolean }[] = [];
  let met = 0;
  let every = 1;
  for (const cutOff of cutOffs) {
    const deeds = await panel.deeds(cutOff, epochMs(cutOff + periodMs));
    const pasts = (await panel.pasts(cutOff, cutOff, pace)).filter((past) => isAtRisk(past, cutOff, outcome));
    every = Math.max(every, Math.ceil((pasts.length * cutOffs.length) / mostRows));
    for (const past of pasts) {
      if (met++ % every !== 0) continue;
      rows.push({ past, cutOff, label: outcomeOf(outcome, deeds.has(past.customer)) });
    }
  }
  const customersWith = (label: boolean): number =>
    new Set(rows.filter((row) => row.label === label).map(({ past }) => past.customer)).size;
  const buying = fitBuying(await panel.pasts(at, at, pace), at);
  const theory = buying.kind === 'fitted' ? buyingFeature(buying.parameters, periodMs) : null;
  const features = featuresFor(Math.min(customersWith(true), customersWith(false)), theory);
  const examples = rows.map(({ past, cutOff, label }): Example => ({
    features: features.map(({ of }) => of(past, cutOff, pace)),
    label,
  }));
  const newest = cutOffs.at(-1);
  const split = rows.findIndex(({ cutOff }) => cutOff === newest);
  const ridge = ridgePerCutOff * cutOffs.length;
  const fitted = fitLogistic(examples, ridge);
  if (fitted === null) return null;
  const { model, shift } =
    cutOffs.length < 3 || split < 0
      ? { model: fitted, shift: 0 }
      : recalibrate(fitted, fitLogistic(examples.slice(0, split), ridge), examples.slice(split));
  return { at, model, features, buying, pace, periods, periodMs, cutOffs, rows: rows.length, shift };
}

export interface CustomerScore {
  readonly past: CustomerPast;
  readonly score: number;
}

/**
 * P(outcome within the horizon) of everybody at risk at `at`, by a score trained then or earlier. That nothing comes in the
 * horizon is that nothing comes in each of its periods; what the later ones are asked of is the past as it will look by then
 * if nothing has come: silence grown, windows emptied. An event comes if it does not stay away in every period.
 */
export async function scoreAll(
  panel: Panel,
  outcome: Outcome,
  { model, features, pace, periods, periodMs }: Scorer,
  at: EpochMs,
): Promise<readonly CustomerScore[]> {
  const now = (await panel.pasts(at, at, pace)).filter((past) => isAtRisk(past, at, outcome));
  const one = (past: CustomerPast, asOf: EpochMs): number =>
    predict(
      model,
      features.map(({ of }) => of(past, asOf, pace)),
    );
  if (outcome.event !== null) return now.map((past) => ({ past, score: 1 - (1 - one(past, at)) ** periods }));
  const chances = new Map(now.map((past) => [past.customer, one(past, at)]));
  for (let period = 1; period < periods; period++) {
    const asOf = epochMs(at + period * periodMs);
    for (const past of await panel.pasts(at, asOf, pace)) {
      const before = chances.get(past.customer);
      if (before !== undefined) chances.set(past.customer, before * one(past, asOf));
    }
  }
  return now.map((past) => ({ past, score: chances.get(past.customer)! }));
}
