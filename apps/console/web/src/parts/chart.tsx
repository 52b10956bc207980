import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface ChartMarker {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tone: 'fired' | 'cleared';
  readonly words: string;
}

/** Looks up the theme's colours: a canvas knows nothing of style sheets. */
export type Ink = (name: string) => string;

interface ChartProps {
  /** Says in a sentence what the picture shows. */
  readonly label: string;
  readonly height: number;
  readonly data: uPlot.AlignedData;
  /** Changes when the options must be built anew: language, set of series, time range. */
  readonly shape: string;
  readonly options: (ink: Ink) => Omit<uPlot.Options, 'width' | 'height'>;
  readonly markers?: readonly ChartMarker[];
  readonly onHover?: (index: number | null) => void;
}

/** uPlot in a box as wide as its parent, in the colours of the theme, with markers above it. */
export function Chart({ label, height, data, shape, options, markers = [], onHover }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ data, markers, onHover });
  latest.current = { data, markers, onHover };
  const theme = useTheme();

  useEffect(() => {
    const box = host.current!;
    const style = getComputedStyle(box);
    const ink: Ink = (name) => style.getPropertyValue(`--${name}`).trim();
    const built = options(ink);
    const chart = new uPlot(
      {
        ...built,
        width: box.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, ...built.cursor },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'UTC'),
        hooks: {
          draw: [(drawn) => placeMarkers(drawn, latest.current.markers)],
          setCursor: [(moved) => latest.current.onHover?.(moved.cursor.idx ?? null)],
        },
      },
      latest.current.data,
      box,
    );
    plot.current = chart;
    const watch = new ResizeObserver(() => {
      if (box.clientWidth > 0 && box.clientWidth !== chart.width) chart.setSize({ width: box.clientWidth, height });
    });
    watch.observe(box);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = null;
    };
    // `options` is rebuilt with every render; `shape` says when it really differs.
  }, [shape, theme, height]);

  useEffect(() => plot.current?.setData(data), [data, markers]);

  return <div ref={host} class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} />;
}

function placeMarkers(chart: uPlot, markers: readonly ChartMarker[]): void {
  for (const old of chart.over.querySelectorAll('.marker')) old.remove();
  const { min, max } = chart.scales['x']!;
  for (const { at, tone, words } of markers) {
    const seconds = at / 1_000;
    if (min === undefined || max === undefined || seconds < min || seconds > max) continue;
    const mark = document.createElement('span');
    mark.className = `marker marker-${tone}`;
    mark.title = words;
    mark.style.left = `${chart.valToPos(seconds, 'x')}px`;
    chart.over.append(mark);
  }
}

function useTheme(): string {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return dark ? 'dark' : 'light';
}
