import { DAY, isoOf } from '#domain';
import type { HistoryExtent } from '#pipeline';
import type { Contender, Evaluation, Interval, TrainedScore } from '#scoring';
import { labelText, windowsMs } from '#scoring';
import { table } from '../letters/table.js';

/** What was found, for somebody to read. docs/scoring.md says how. */
export function evaluatedLines(extent: HistoryExtent, evaluation: Evaluation): readonly string[] {
  const { outcome, rows, customers, contenders, gain, trained, pace, notes } = evaluation;
  const days = Number((outcome.horizonMs / DAY).toFixed(2));
  const lost = rows.filter(({ label }) => label).length;
  return [
    `Label "${labelText(outcome)}" in the ${days} days after a cut-off; ${count(extent.customers)} customers, ${count(extent.events)} events from ${day(extent.firstAt)} to ${day(extent.lastAt)}`,
    `${count(rows.length)} rows of ${count(customers)} customers at risk at ${trained.map(({ at }) => day(at)).join(', ')}; ${percent(lost / rows.length)} lost`,
    `typical gap ${pace.typicalGapDays.toFixed(1)} days, windows of ${windowsMs(pace)
      .map((ms) => ms / DAY)
      .join(', ')} days`,
    ...trained.map(learnedLine),
    '',
    ...table(
      ['score', 'AUC (95 %)', 'AP (95 %)', 'lift@10 % (95 %)', 'Brier (95 %)', 'ECE (95 %)'],
      contenders.map(contenderCells),
    ),
    `AUC above the best one-line rule, ${gain.over}: ${signed(gain.auc, 4)}${range(gain.interval, 4)}; ECE of exact probabilities over so many rows: ${evaluation.eceByChance.toFixed(3)}`,
    '',
    ...table(
      ['told', 'rows', 'mean told', 'came'],
      evaluation.calibration
        .filter((part) => part.customers > 0)
        .map((part) => [
          `${Math.round(part.from * 100)}..${Math.round(part.to * 100)} %`,
          count(part.customers),
          percent(part.foretold!),
          percent(part.came!),
        ]),
    ),
    '',
    ...leadLines(evaluation),
    '',
    'What weighs (log odds for each standard deviation; above 0: likelier lost):',
    `  ${trained
      .at(-1)!
      .features.map(({ name }, i) => [name, trained.at(-1)!.model.weights[i]!] as const)
      .toSorted((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
      .slice(0, 8)
      .map(([name, weight]) => `${name} ${signed(weight, 2)}`)
      .join(', ')}`,
    ...notes.map((note) => `* ${note}`),
  ];
}

function learnedLine({ at, cutOffs, rows, features, periods, periodMs, shift }: TrainedScore): string {
  const length = `${Number((periodMs / DAY).toFixed(1))} days`;
  const horizon = periods === 1 ? 'the horizon at once' : `the horizon as ${periods} periods of ${length}`;
  const moved = shift === 0 ? 'no drift' : `drift: intercept moved by ${signed(shift, 2)}`;
  return `at ${day(at)}: learned from ${count(rows)} rows at ${cutOffs.length} cut-offs ${day(cutOffs[0]!)} to ${day(cutOffs.at(-1)!)}, ${features.length} features, ${horizon}, ${moved}`;
}

function contenderCells({ name, isProbability, quality, intervals }: Contender): readonly string[] {
  const cell = (figure: keyof Contender['intervals'], digits: number): string =>
    `${quality[figure].toFixed(digits)}${range(intervals[figure], digits)}`;
  return [
    name,
    cell('auc', 4),
    cell('averagePrecision', 3),
    cell('lift', 2),
    isProbability ? cell('brier', 4) : '-',
    isProbability ? cell('ece', 3) : '-',
  ];
}

function leadLines({ lead }: Evaluation): readonly string[] {
  if (lead === null) return ['lead: not measured'];
  return [
    `Lead over a fixed silence, at equal precision: ${count(lead.losses)} losses, ${lead.looks} looks from ${day(lead.from)} to ${day(lead.to)}`,
    ...table(
      ['silence', 'precision', 'covers', 'lead', 'score from', 'precision', 'covers', 'lead', 'gained'],
      lead.rows.map(({ silence, score, gainedDays }) => [
        `${Number(silence.threshold.toFixed(1))} d`,
        percent(silence.precision!),
        percent(silence.coverage),
        `${silence.leadDays.toFixed(1)} d`,
        percent(score.threshold),
        percent(score.precision!),
        percent(score.coverage),
        `${score.leadDays.toFixed(1)} d`,
        `${signed(gainedDays, 1)} d`,
      ]),
    ),
  ];
}

const count = (value: number): string => value.toLocaleString('en-US');
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const signed = (value: number, digits: number): string => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
const range = (interval: Interval | null, digits: number): string =>
  interval === null ? '' : ` (${interval.low.toFixed(digits)}..${interval.high.toFixed(digits)})`;
const day = (at: HistoryExtent['firstAt']): string => isoOf(at).slice(0, 10);
