import type { Interval } from '../metrics/bootstrap.js';
import { seeded } from '../metrics/bootstrap.js';
import type { DayCounts, SilenceCount } from './return-curve.js';
import { ReturnCurve } from './return-curve.js';

/** From how many days of silence on a customer may be called lost. */
export interface ChurnWindow {
  /** The fewest at which the share that comes back within the horizon is below the level. */
  readonly days: number;
  /**
   * In 95 of 100 draws of whole parts of the base the days lie there; `high` is Infinity where more than a few draws never
   * fell below the level. Null of a base too small to be drawn from.
   */
  readonly interval: Interval | null;
}

export interface SilenceOutlook {
  /** Of a day at least. */
  readonly silences: number;
  /** As far as enough silences were seen. Later days are unknown. */
  readonly reach: number;
  /** The longest silence of which the share that comes back within the horizon is known. */
  readonly lastKnown: number | null;
  readonly points: readonly ReturnPoint[];
  /** Null: nowhere within reach does it fall below the level. */
  readonly window: ChurnWindow | null;
  /**
   * Where the curve of returns within the horizon bends most: farthest below the straight line between its ends. For
   * comparison only, it knows of no level. Satopää et al. (2011). Null where nothing bends that way.
   */
  readonly kneeDays: number | null;
}

export interface ReturnPoint {
  readonly days: number;
  /** Silences that lasted so long. */
  readonly reached: number;
  /** Come back within the horizon; null where too few were seen for that long. */
  readonly withinHorizon: number | null;
  readonly interval: Interval | null;
  /** Come back at all, before `reach`. Falls to nothing towards it: nobody was watched longer. */
  readonly withinReach: number | null;
}

export interface WindowQuestion {
  /** Whole days. */
  readonly horizonDays: number;
  /** From 0 to 1. */
  readonly level: number;
  /** At which days of silence the curve is shown; of these only such as are within reach. */
  readonly shown: readonly number[];
}

export const curveOf = (counts: readonly SilenceCount[]): ReturnCurve => curveOver(countsByPart(counts));

const curveOver = (parts: ReturnType<typeof countsByPart>): ReturnCurve =>
  new ReturnCurve(sumOf(parts.map((each) => [each, 1] as const)));

const draws = 200;
const fewestParts = 10;

/** Pure: the same counts give the same window and the same interval. */
export function silenceOutlook(counts: readonly SilenceCount[], question: WindowQuestion): SilenceOutlook {
  const { horizonDays, level } = question;
  const byPart = countsByPart(counts);
  const curve = curveOver(byPart);
  const reach = curve.reach;
  const known = Array.from({ length: reach - 1 }, (_, i) => i + 1).filter((days) =>
    curve.isKnown(days, days + horizonDays),
  );
  const windowOf = (one: ReturnCurve): number | undefined =>
    known.find((days) => (one.returns(days, days + horizonDays) ?? 1) < level);
  const redrawn = byPart.length < fewestParts ? [] : drawCurves(byPart);
  const days = windowOf(curve);
  return {
    silences: counts.reduce((sum, { returned, open }) => sum + returned + open, 0),
    reach,
    lastKnown: known.at(-1) ?? null,
    points: question.shown
      .filter((each) => each < reach)
      .map((each) => {
        const within = (one: ReturnCurve): number | null => one.returns(each, each + horizonDays);
        const point = { days: each, reached: curve.reached(each), withinReach: curve.returns(each, reach) };
        if (!known.includes(each)) return { ...point, withinHorizon: null, interval: null };
        return {
          ...point,
          withinHorizon: within(curve),
          interval: spread(redrawn.map((one) => within(one) ?? NaN)),
        };
      }),
    window: days === undefined ? null : { days, interval: spread(redrawn.map((one) => windowOf(one) ?? Infinity)) },
    kneeDays: kneeOf(known.map((each) => [each, curve.returns(each, each + horizonDays)!] as const)),
  };
}

function kneeOf(shares: readonly (readonly [days: number, share: number])[]): number | null {
  const [first, last] = [shares[0], shares.at(-1)];
  if (first === undefined || last === undefined) return null;
  let [knee, most]: [number | null, number] = [null, 0];
  for (const [days, share] of shares) {
    const line = first[1] + ((last[1] - first[1]) * (days - first[0])) / Math.max(1, last[0] - first[0]);
    if (line - share > most) [knee, most] = [days, line - share];
  }
  return knee;
}

function countsByPart(counts: readonly SilenceCount[]): readonly DayCounts[] {
  const length = counts.reduce((most, { days }) => Math.max(most, days), 0) + 1;
  const byPart = new Map<number, DayCounts>();
  for (const { part, days, returned, open } of counts) {
    let own = byPart.get(part);
    if (own === undefined) byPart.set(part, (own = none(length)));
    own.returned[days]! += returned;
    own.open[days]! += open;
  }
  return [...byPart].toSorted(([a], [b]) => a - b).map(([, own]) => own);
}

const none = (length: number): DayCounts => ({ returned: new Float64Array(length), open: new Float64Array(length) });

function sumOf(parts: readonly (readonly [DayCounts, number])[]): DayCounts {
  const sum = none(parts[0]?.[0].returned.length ?? 0);
  for (const [{ returned, open }, times] of parts) {
    if (times === 0) continue;
    for (let day = 0; day < returned.length; day++) {
      sum.returned[day]! += times * returned[day]!;
      sum.open[day]! += times * open[day]!;
    }
  }
  return sum;
}

/** Whole parts: silences of one customer hang together, and drawn singly they would make intervals too narrow. */
function drawCurves(byPart: readonly DayCounts[]): readonly ReturnCurve[] {
  const random = seeded(1);
  return Array.from({ length: draws }, () => {
    const times = byPart.map(() => 0);
    for (let i = 0; i < byPart.length; i++) times[Math.floor(random() * byPart.length)]! += 1;
    return new ReturnCurve(sumOf(byPart.map((each, i) => [each, times[i]!] as const)));
  });
}

/** Between the 2.5th and the 97.5th of a hundred. Unlike `interval`, it takes what never came to pass for the largest. */
function spread(values: readonly number[]): Interval | null {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  if (sorted.length === 0) return null;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}
