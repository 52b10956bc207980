import { DAY } from '#domain';
import type { CalibrationPart, ScoreModel } from '#scoring';
import { count, day, percent, signed } from '../figure-texts.js';
import { table } from '../letters/table.js';

/** How many of those who were told about so much were lost. */
export const calibrationLines = (parts: readonly CalibrationPart[]): readonly string[] =>
  table(
    ['told', 'rows', 'mean told', 'came'],
    parts
      .filter((part) => part.customers > 0)
      .map((part) => [
        `${Math.round(part.from * 100)}..${Math.round(part.to * 100)} %`,
        count(part.customers),
        percent(part.foretold!),
        percent(part.came!),
      ]),
  );

/** The heaviest first. */
export const weightsLine = (features: readonly { readonly name: string; readonly weight: number }[]): string =>
  `  ${features
    .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, 8)
    .map(({ name, weight }) => `${name} ${signed(weight, 2)}`)
    .join(', ')}`;

type Learned = Pick<ScoreModel, 'at' | 'cutOffs' | 'rows' | 'periods' | 'periodMs' | 'shift'> & {
  readonly features: readonly unknown[];
};

/** From what a score was learned. */
export function learnedLine({ at, cutOffs, rows, features, periods, periodMs, shift }: Learned): string {
  const length = `${Number((periodMs / DAY).toFixed(1))} days`;
  const horizon = periods === 1 ? 'the horizon at once' : `the horizon as ${periods} periods of ${length}`;
  const moved = shift === 0 ? 'no drift' : `drift: intercept moved by ${signed(shift, 2)}`;
  return `at ${day(at)}: learned from ${count(rows)} rows at ${cutOffs.length} cut-offs ${day(cutOffs[0]!)} to ${day(cutOffs.at(-1)!)}, ${features.length} features, ${horizon}, ${moved}`;
}
