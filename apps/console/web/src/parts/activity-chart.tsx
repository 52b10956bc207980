import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { CustomerAnswer } from '#contracts';
import type { EventType } from '#domain';
import { useLanguage } from '../texts/language.js';
import { activityOf } from './activity.js';
import { axesOf, fromZero } from './axes.js';
import { Chart } from './chart.js';
import type { ChartMarker } from './chart.js';
import { DayTable } from './day-table.js';
import { noonOf, spanOf } from './days.js';
import { Empty } from './panel.js';

interface ActivityChartProps {
  readonly windows: CustomerAnswer['windows'];
  readonly asOf: string;
  readonly markers: readonly ChartMarker[];
}

/** What the customer did each day, one colour per kind of event, up to now: the empty days at the end are the point. */
export function ActivityChart({ windows, asOf, markers }: ActivityChartProps) {
  const { t, format, locale } = useLanguage();
  const [hovered, setHovered] = useState<number | null>(null);
  const activity = useMemo(() => activityOf(windows, asOf), [windows, asOf]);
  const data = useMemo<uPlot.AlignedData>(() => {
    const heaps = activity.layers.map((_, layer) =>
      activity.days.map((_day, day) =>
        activity.layers.slice(0, layer + 1).reduce((sum, { counts }) => sum + counts[day]!, 0),
      ),
    );
    // The highest heap is painted first, so that each lower one leaves only its own layer showing.
    return [activity.days.map(noonOf), ...heaps.toReversed()];
  }, [activity]);
  if (activity.layers.length === 0) return <Empty>{t.noActivity}</Empty>;

  const { days, layers } = activity;
  const [from, to] = spanOf(days);
  const name = (kind: EventType | 'other'): string => (kind === 'other' ? t.otherKinds : t.eventTypes[kind]);
  const countOf = (counts: readonly number[]): number =>
    hovered === null ? counts.reduce((sum, count) => sum + count, 0) : (counts[hovered] ?? 0);
  const total = layers.reduce((sum, { counts }) => sum + counts.reduce((all, count) => all + count, 0), 0);
  const inSight = markers.filter(({ at }) => at >= from * 1_000 && at <= to * 1_000);
  const moves = (tone: ChartMarker['tone']): string =>
    format.count(inSight.filter((marker) => marker.tone === tone).length);
  return (
    <>
      <div class="legend">
        <span class="legend-day">{hovered === null ? t.total : format.day(days[hovered] ?? days[0]!)}</span>
        {layers.map(({ kind, counts, colour }) => (
          <span key={kind} class="legend-entry">
            <i class={`swatch swatch-${colour}`} aria-hidden="true" />
            {name(kind)} <b>{format.count(countOf(counts))}</b>
          </span>
        ))}
        {inSight.length > 0 && (
          <>
            <span class="legend-entry">
              <i class="key key-fired" aria-hidden="true" />
              {t.fired}
            </span>
            <span class="legend-entry">
              <i class="key key-cleared" aria-hidden="true" />
              {t.cleared}
            </span>
          </>
        )}
      </div>
      <Chart
        label={t.chartOfActivity(
          format.day(days[0]!),
          format.day(days.at(-1)!),
          format.count(total),
          moves('fired'),
          moves('cleared'),
        )}
        height={230}
        data={data}
        markers={inSight}
        shape={`${locale} ${from} ${to} ${layers.map(({ kind }) => kind).join()}`}
        onHover={setHovered}
        options={(ink) => ({
          padding: [16, 14, 0, 0],
          scales: { x: { time: true, range: [from, to] }, y: { range: fromZero } },
          axes: axesOf(ink, format, [{ scale: 'y', side: 3 }]),
          series: [
            {},
            ...layers.toReversed().map(({ colour }) => ({
              fill: ink(`series-${colour}`),
              width: 0,
              paths: uPlot.paths.bars!({ size: [0.85, 40] }),
              points: { show: false },
            })),
          ],
        })}
      />
      <DayTable
        headings={layers.map(({ kind }) => name(kind))}
        rows={days.map((day, index) => ({ day, numbers: layers.map(({ counts }) => counts[index]!) }))}
      />
    </>
  );
}
