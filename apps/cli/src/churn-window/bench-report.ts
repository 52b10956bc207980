import type { Locale, Pack } from '#domain';
import { DAY } from '#domain';
import type { ChurnWindow, ReturnPoint } from '#scoring';
import { fewestSilences } from '#scoring';
import { count, day, percent, unknown } from '../figure-texts.js';
import type { Report, ReportTable } from '../report/report.js';
import type { BenchWords } from './bench-words.js';
import { benchWords } from './bench-words.js';
import type { ChurnBench, Headline } from './churn-bench.js';
import { rateOf } from './churn-bench.js';

/** Of the segments only these days: a line must fit. */
const segmentDays = [7, 14, 30, 60, 90, 180];

/** What was found, with what each column means. */
export function benchReport(pack: Pack, bench: ChurnBench, locale: Locale): Report {
  const { from, to, all, horizonDays, segments, months } = bench;
  const words = benchWords[locale];
  const { events } = pack.churn;
  return {
    title: words.title(`"${pack.name}" ${pack.version}`, day(from), day(to)),
    about: [words.activity(events.join(', '), count(all.silences)), ...windowTexts(pack, bench, words)],
    tables: [
      {
        head: words.curve(horizonDays, all.reach),
        rows: all.points.map((point) => [
          words.days(String(point.days)),
          count(point.reached),
          returnText(point),
          percent(point.withinReach),
        ]),
      },
      ...(segments.length === 0 ? [] : [segmentTable(bench, words)]),
      headlineTable(bench, words),
    ],
    notes: words.notes(horizonDays, all.reach, months.length, fewestSilences),
  };
}

function windowTexts(pack: Pack, { all, level, horizonDays }: ChurnBench, words: BenchWords): readonly string[] {
  const below = words.below(percent(level), horizonDays);
  const proposal =
    all.window !== null
      ? words.proposed(windowText(all.window, words), below)
      : all.lastKnown === null
        ? words.tooLittle(horizonDays)
        : words.nowhere(all.lastKnown, below);
  return [
    proposal,
    ...(all.kneeDays === null ? [] : [words.knee(all.kneeDays)]),
    words.packSays(boundText(pack.churn.churned, words)),
  ];
}

const returnText = ({ withinHorizon, interval }: ReturnPoint): string =>
  interval === null || withinHorizon === null
    ? percent(withinHorizon)
    : `${percent(withinHorizon)} (${percent(interval.low)}..${percent(interval.high)})`;

function windowText(window: ChurnWindow | null, words: BenchWords): string {
  if (window === null) return unknown;
  const days = words.days(String(window.days));
  if (window.interval === null) return days;
  const text = (bound: number): string => (Number.isFinite(bound) ? String(bound) : words.never);
  return `${days} (${text(window.interval.low)}..${text(window.interval.high)})`;
}

const segmentTable = ({ segments, horizonDays }: ChurnBench, words: BenchWords): ReportTable => ({
  head: [words.segments(horizonDays), ...segmentDays.map((days) => words.days(String(days))), words.window],
  rows: segments.map((each) => [
    `${words.kinds[each.by]} ${each.segment === '' ? words.none : each.segment}`,
    ...segmentDays.map((days) =>
      segmentCell(
        each.points.find((point) => point.days === days),
        words,
      ),
    ),
    windowText(each.window, words),
  ]),
});

const segmentCell = (point: ReturnPoint | undefined, words: BenchWords): string =>
  point === undefined || point.withinHorizon === null
    ? unknown
    : words.of(percent(point.withinHorizon), count(point.reached));

const boundText = ({ afterMs, gaps }: Headline['bound'], words: BenchWords): string =>
  words.bound(String(Number((afterMs / DAY).toFixed(1))), gaps);

const headlineTable = ({ months, headlines }: ChurnBench, words: BenchWords): ReportTable => ({
  head: words.headlines,
  rows: headlines.map((each) => [
    `${boundText(each.bound, words)}${words.candidate[each.definition]}`,
    percent(rateOf(each)),
    count(each.churned),
    count(each.stood),
    percent(each.churned === 0 ? null : each.back / each.churned),
  ]),
  remarks: months.length === 0 ? [words.noMonth] : [],
});
