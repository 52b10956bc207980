import type uPlot from 'uplot';
import type { Formats } from '../texts/formats.js';
import type { Ink } from './chart.js';

const font = '12px system-ui, sans-serif';

/** A day axis and one or two number axes, quiet enough to leave the eye to the data. */
export function axesOf(ink: Ink, format: Formats, numbers: readonly { scale: string; side: 1 | 3 }[]): uPlot.Axis[] {
  const shared = { stroke: ink('ink-quiet'), font, ticks: { show: false } };
  return [
    {
      ...shared,
      size: 28,
      space: 70,
      grid: { show: false },
      values: (_chart, splits) => splits.map((at) => format.dayShort(new Date(at * 1_000).toISOString())),
      incrs: [1, 2, 7, 14, 28, 56, 91, 182].map((days) => days * 86_400),
    },
    ...numbers.map(({ scale, side }) => ({
      ...shared,
      scale,
      side,
      size: 44,
      space: 36,
      grid: side === 3 ? { stroke: ink('line'), width: 1 } : { show: false },
      incrs: [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1e8, 1e9,
      ],
      values: (_chart: uPlot, splits: number[]) => splits.map((value) => format.short(value)),
    })),
  ];
}

/** From zero, so that a bar twice as high means twice as many. */
export const fromZero = (_chart: uPlot, _min: number, max: number): [number, number] => [0, Math.max(1, max * 1.08)];
