import type { Pack } from '#domain';
import { DAY, isoOf } from '#domain';
import type { Interval, SilenceOutlook } from '#scoring';
import type { ChurnBench } from './churn-bench.js';
import { rateOf } from './churn-bench.js';

/** Everything that was found, for a program: shares from 0 to 1, instants as ISO 8601, null where nothing is known. */
export function benchFigures(pack: Pack, bench: ChurnBench): object {
  const { from, to, level, horizonDays, all, segments, months, headlines } = bench;
  return {
    pack: { name: pack.name, version: pack.version },
    activity: pack.churn.events,
    from: isoOf(from),
    to: isoOf(to),
    level,
    horizonDays,
    all: outlookFigures(all),
    segments: segments.map(({ by, segment, ...outlook }) => ({ by, segment, ...outlookFigures(outlook) })),
    months: months.map(isoOf),
    headlines: headlines.map((each) => ({
      definition: each.definition,
      afterDays: each.bound.afterMs / DAY,
      gaps: each.bound.gaps,
      rate: rateOf(each),
      churned: each.churned,
      stood: each.stood,
      back: each.back,
    })),
  };
}

const outlookFigures = ({ window, ...outlook }: SilenceOutlook): object => ({
  ...outlook,
  window: window && { days: window.days, interval: window.interval && bounded(window.interval) },
});

/** JSON knows no infinity: where the level is never reached there is no number. */
const bounded = ({ low, high }: Interval): object => ({
  low: Number.isFinite(low) ? low : null,
  high: Number.isFinite(high) ? high : null,
});
