import { DAY, isoOf } from '#domain';
import type { ModelCard } from '#scoring';
import { labelText } from '#scoring';
import { calibrationLines, learnedLine, weightsLine } from '../evaluate/figure-text.js';
import { count, day, decimals, percent, signed } from '../figure-texts.js';
import { table } from '../letters/table.js';

export const horizonText = (ms: number): string => `${Number((ms / DAY).toFixed(2))} d`;

/** A card for somebody to read. */
export function cardLines(card: ModelCard): readonly string[] {
  const { version, tenant, pack, trainedAt, data, model, evidence, bands } = card;
  const { quality, gain, calibration } = evidence;
  const features = model.features.map(({ name, weight, mean, spread }) => [
    name,
    signed(weight, 4),
    mean.toPrecision(4),
    spread.toPrecision(4),
  ]);
  return [
    `Score ${version} of tenant "${tenant}" under pack "${pack}", trained ${isoOf(trainedAt)}`,
    `foretells "${labelText(model.outcome)}" within ${horizonText(model.outcome.horizonMs)}`,
    `data: ${count(data.customers)} customers, ${count(data.events)} events from ${day(data.firstAt)} to ${day(data.lastAt)}`,
    learnedLine(model),
    '',
    `The same training, held against what came: ${count(evidence.rows)} rows of ${count(evidence.customers)} customers at ${evidence.cutOffs.map(day).join(', ')}`,
    `AUC ${decimals(quality.auc, 4)}, AP ${decimals(quality.averagePrecision, 3)}, lift@10 % ${decimals(quality.lift, 2)}, Brier ${decimals(quality.brier, 4)}, ECE ${decimals(quality.ece, 3)} (exact probabilities: ${evidence.eceByChance.toFixed(3)}), lost ${quality.baseRate === null ? '-' : percent(quality.baseRate)}`,
    `AUC above the best one-line rule, ${gain.over}: ${gain.auc === null ? '-' : signed(gain.auc, 4)}`,
    '',
    ...calibrationLines(calibration),
    '',
    ...table(
      ['band', 'from', 'left below'],
      bands.map(({ band, enter, leave }) => [band, percent(enter), percent(leave)]),
    ),
    '',
    'What weighs (log odds for each spread above the mean):',
    weightsLine(model.features),
    '',
    ...table(['feature', 'weight', 'mean', 'spread'], features),
    `intercept ${signed(model.intercept, 4)}${model.buying === null ? '' : `; BG/NBD r ${model.buying.r.toPrecision(4)}, alpha ${model.buying.alpha.toPrecision(4)}, a ${model.buying.a.toPrecision(4)}, b ${model.buying.b.toPrecision(4)}`}`,
  ];
}
