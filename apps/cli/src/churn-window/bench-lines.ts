import type { Pack } from '#domain';
import { DAY } from '#domain';
import type { ChurnWindow, ReturnPoint, SilenceOutlook } from '#scoring';
import { fewestSilences } from '#scoring';
import { count, day, percent, unknown } from '../figure-texts.js';
import { table } from '../letters/table.js';
import type { ChurnBench, Headline } from './churn-bench.js';

/** Of the segments only these days: a line must fit. */
const segmentDays = [7, 14, 30, 60, 90, 180];

/** What was found, for somebody to read, with what each column means. */
export function benchLines(pack: Pack, bench: ChurnBench): readonly string[] {
  const { from, to, all, horizonDays, segments } = bench;
  const within = `back within ${horizonDays} d (95 %)`;
  return [
    `Pack "${pack.name}" ${pack.version}, activity: ${activityOf(pack)}; ${day(from)} to ${day(to)}; ${count(all.silences)} silences of a day at least`,
    '',
    ...table(
      ['silent', 'silences', within, `back at all, of ${all.reach} d`],
      all.points.map((point) => [
        `${point.days} d`,
        count(point.reached),
        returnText(point),
        percent(point.withinReach),
      ]),
    ),
    '',
    ...windowLines(pack, bench),
    '',
    ...(segments.length === 0
      ? []
      : [
          ...table(
            [`back within ${horizonDays} d`, ...segmentDays.map((days) => `${days} d`), 'window (95 %)'],
            segments.map((each) => [
              `${each.by} ${segmentText(each.segment)}`,
              ...segmentDays.map((days) => segmentCell(each.points.find((point) => point.days === days))),
              windowText(each.window),
            ]),
          ),
          '',
        ]),
    ...headlineLines(pack, bench),
    '',
    ...definitions(bench),
  ];
}

export const segmentText = (segment: string): string => (segment === '' ? '(none)' : segment);

const activityOf = ({ churn }: Pack): string =>
  churn.events.length > 4 ? `${churn.events.length} types of engagement` : churn.events.join(', ');

export const returnText = ({ withinHorizon, interval }: ReturnPoint): string =>
  interval === null || withinHorizon === null
    ? percent(withinHorizon)
    : `${percent(withinHorizon)} (${percent(interval.low)}..${percent(interval.high)})`;

const segmentCell = (point: ReturnPoint | undefined): string =>
  point === undefined || point.withinHorizon === null
    ? unknown
    : `${percent(point.withinHorizon)} of ${count(point.reached)}`;

export function windowText(window: ChurnWindow | null): string {
  if (window === null) return unknown;
  if (window.interval === null) return `${window.days} d`;
  const { low, high } = window.interval;
  const text = (days: number): string => (Number.isFinite(days) ? String(days) : 'never');
  return `${window.days} d (${text(low)}..${text(high)})`;
}

function windowLines(pack: Pack, { all, level, horizonDays }: ChurnBench): readonly string[] {
  const below = `fewer than ${percent(level)} come back within ${horizonDays} days`;
  const proposal =
    all.window === null
      ? noWindowText(all, horizonDays, below)
      : `Proposed: lost after ${windowText(all.window)} of silence; from then on ${below}.`;
  return [
    proposal,
    ...(all.kneeDays === null ? [] : [`Knee of the curve: ${all.kneeDays} d.`]),
    `The pack says: ${boundText(pack.churn.churned)}.`,
  ];
}

const noWindowText = ({ lastKnown }: SilenceOutlook, horizonDays: number, below: string): string =>
  lastKnown === null
    ? `Too little data to propose a window: too few silences were seen for ${horizonDays} days more.`
    : `No window to propose: up to ${lastKnown} days of silence it is never so that ${below}; beyond there is too little data.`;

export const boundText = ({ afterMs, gaps }: Headline['bound']): string =>
  `${Number((afterMs / DAY).toFixed(1))} d${gaps === 0 ? '' : `, and ${gaps} own gaps if that is more`}`;

function headlineLines(pack: Pack, { months, headlines }: ChurnBench): readonly string[] {
  if (months.length === 0) return ['Churn rate: too little data, not a month beyond the shortest definition.'];
  return table(
    ['lost after', 'churn a month', 'churned', 'of customers', 'back since'],
    headlines.map((each) => [
      `${boundText(each.bound)}${each.definition === 'candidate' ? '' : ` (${each.definition === 'pack' ? `pack ${pack.name}` : each.definition})`}`,
      percent(rateOf(each)),
      count(each.churned),
      count(each.stood),
      percent(each.churned === 0 ? null : each.back / each.churned),
    ]),
  );
}

export const rateOf = ({ churned, stood }: Headline): number | null => (stood === 0 ? null : churned / stood);

function definitions({ horizonDays, all, months }: ChurnBench): readonly string[] {
  return [
    `silences: those that lasted so many days and were seen for one more. back within ${horizonDays} d: Kaplan-Meier over silences, day by day; the open ones count for as long as they were seen. (95 %): 200 draws of whole parts of the base, 64 by customer.`,
    `back at all: likewise, up to ${all.reach} days of silence, beyond which fewer than ${fewestSilences} were seen; falls to nothing towards them.`,
    `churn a month: over ${count(months.length)} periods of 30 days up to the end of the data, Σ customers who became lost in it / Σ customers who had been active and were not lost at its beginning. back since: of the lost, those active again by the end of the data.`,
    'value: tiers by spend in the year up to the last activity. tenure: since the first activity, when the silence began. platform, channel: the first known. docs/churn-window.md.',
  ];
}
