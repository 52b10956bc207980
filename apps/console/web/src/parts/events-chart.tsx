import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { OverviewAnswer } from '#contracts';
import { useLanguage } from '../texts/language.js';
import { axesOf, fromZero } from './axes.js';
import { Chart } from './chart.js';
import { DayTable } from './day-table.js';
import { dayOf, daysBetween, noonOf, spanOf } from './days.js';
import { Empty } from './panel.js';

/** Both rise and fall together; a lower line does not hide the tops of the bars. */
const lowered = (_chart: uPlot, _min: number, max: number): [number, number] => [0, Math.max(1, max * 1.9)];

const mostDays = 61;

type Day = OverviewAnswer['eventsPerDay'][number];

/** A day on which nothing happened is no gap to draw a line across, least of all at the end. */
function everyDay(days: readonly Day[], asOf: string): readonly Day[] {
  if (days.length === 0) return [];
  const known = new Map(days.map((each) => [each.day, each]));
  const last = [dayOf(asOf), days.at(-1)!.day].toSorted().at(-1)!;
  return daysBetween(days[0]!.day, last, mostDays).map((day) => known.get(day) ?? { day, count: 0, customers: 0 });
}

/** Bars: events. Line: customers who did anything, on its own scale at the right. */
export function EventsChart({ days: eventful, asOf }: { days: readonly Day[]; asOf: string }) {
  const { t, format, locale } = useLanguage();
  const [hovered, setHovered] = useState<number | null>(null);
  const days = useMemo(() => everyDay(eventful, asOf), [eventful, asOf]);
  const data = useMemo<uPlot.AlignedData>(
    () => [days.map(({ day }) => noonOf(day)), days.map(({ count }) => count), days.map(({ customers }) => customers)],
    [days],
  );
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return <Empty>{t.noEvents}</Empty>;

  const [from, to] = spanOf(days.map(({ day }) => day));
  const total = days.reduce((sum, { count }) => sum + count, 0);
  const pointed = (hovered === null ? undefined : days[hovered]) ?? last;
  return (
    <>
      <div class="legend">
        <span class="legend-day">{format.day(pointed.day)}</span>
        <span class="legend-entry">
          <i class="swatch swatch-1" aria-hidden="true" />
          {t.eventsSeries} <b>{format.count(pointed.count)}</b>
        </span>
        <span class="legend-entry">
          <i class="swatch swatch-line" aria-hidden="true" />
          {t.customersSeries} <b>{format.count(pointed.customers)}</b>
        </span>
      </div>
      <Chart
        label={t.chartOfEvents(format.day(first.day), format.day(last.day), format.count(total))}
        height={250}
        data={data}
        shape={`${locale} ${from} ${to}`}
        onHover={setHovered}
        options={(ink) => ({
          scales: { x: { time: true, range: [from, to] }, y: { range: fromZero }, customers: { range: lowered } },
          axes: axesOf(ink, format, [
            { scale: 'y', side: 3 },
            { scale: 'customers', side: 1 },
          ]),
          series: [
            {},
            { fill: ink('series-1'), width: 0, paths: uPlot.paths.bars!({ size: [0.8, 60] }), points: { show: false } },
            { scale: 'customers', stroke: ink('series-line'), width: 2, points: { show: days.length < 2 } },
          ],
        })}
      />
      <DayTable
        headings={[t.eventsSeries, t.customersSeries]}
        rows={days.map(({ day, count, customers }) => ({ day, numbers: [count, customers] }))}
      />
    </>
  );
}
