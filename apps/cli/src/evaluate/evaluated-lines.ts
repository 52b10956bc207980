import { DAY } from '#domain';
import type { HistoryExtent } from '#pipeline';
import type { Contender, Evaluation, Interval } from '#scoring';
import { labelText, windowsMs } from '#scoring';
import { count, day, percent, signed } from '../figure-texts.js';
import { calibrationLines, learnedLine, weightsLine } from './figure-text.js';
import { table } from '../letters/table.js';

/** What was found, for somebody to read. docs/scoring.md says how. */
export function evaluatedLines(extent: HistoryExtent, evaluation: Evaluation): readonly string[] {
  const { outcome, rows, customers, contenders, gain, trained, pace, notes } = evaluation;
  const days = Number((outcome.horizonMs / DAY).toFixed(2));
  const newest = trained.at(-1)!;
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
    ...calibrationLines(evaluation.calibration),
    '',
    ...leadLines(evaluation),
    '',
    'What weighs (log odds for each standard deviation; above 0: likelier lost):',
    weightsLine(newest.features.map(({ name }, i) => ({ name, weight: newest.model.weights[i]! }))),
    ...notes.map((note) => `* ${note}`),
  ];
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

const range = (interval: Interval | null, digits: number): string =>
  interval === null ? '' : ` (${interval.low.toFixed(digits)}..${interval.high.toFixed(digits)})`;
