import type { EpochMs } from '#domain';
import { DAY, epochMs } from '#domain';
import type { CustomerPast, Pace } from '../hazard/customer-past.js';
import { shrunkenGap } from '../hazard/customer-past.js';
import { interval, redraw } from '../metrics/bootstrap.js';
import type { Interval } from '../metrics/bootstrap.js';
import type { CalibrationPart, Quality } from '../metrics/quality.js';
import { calibration, eceByChance, Ranking } from '../metrics/quality.js';
import { noneByBuying } from '../hazard/buying-model.js';
import type { Lead } from './lead.js';
import { measureLead } from './lead.js';
import type { Outcome, Panel } from './panel.js';
import { isAtRisk, outcomeOf } from './panel.js';
import type { EvaluationPlan } from './plan.js';
import type { TrainedScore } from './train.js';
import { scoreAll, train } from './train.js';

export interface EvaluationQuestion {
  readonly panel: Panel;
  readonly outcome: Outcome;
  readonly plan: EvaluationPlan;
  readonly pace: Pace;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** One customer at risk at one cut-off. */
export interface EvaluationRow {
  readonly customer: string;
  readonly cutOff: EpochMs;
  readonly label: boolean;
  readonly score: number;
}

const figures = ['auc', 'averagePrecision', 'lift', 'brier', 'ece'] as const;
type Figure = (typeof figures)[number];

export interface Contender {
  readonly name: string;
  /** Of what is no probability, Brier and ECE say nothing: null. */
  readonly isProbability: boolean;
  readonly quality: Quality;
  readonly intervals: Readonly<Record<Figure, Interval | null>>;
}

export interface Evaluation {
  readonly outcome: Outcome;
  readonly pace: Pace;
  readonly rows: readonly EvaluationRow[];
  readonly customers: number;
  readonly trained: readonly TrainedScore[];
  /** The shipped score first, the rules last. */
  readonly contenders: readonly Contender[];
  /** How much higher the shipped score's AUC is than the best rule's. */
  readonly gain: { readonly over: string; readonly auc: number; readonly interval: Interval | null };
  readonly calibration: readonly CalibrationPart[];
  /** What the ECE would be if the score were exact: so few rows scatter so much. */
  readonly eceByChance: number;
  readonly lead: Lead | null;
  /** What could not be done, and why. */
  readonly notes: readonly string[];
}

/** One line each, and what most people use: the higher the likelier lost. */
const rules: readonly {
  readonly name: string;
  readonly of: (past: CustomerPast, at: EpochMs, pace: Pace) => number;
}[] = [
  { name: 'recency', of: ({ lastAt }, at) => at - lastAt },
  { name: 'frequency', of: ({ activeDays }) => -activeDays },
  { name: 'recency / gap', of: (past, at, pace) => (at - past.lastAt) / shrunkenGap(past, pace) },
];

interface Row extends EvaluationRow {
  readonly bg: number | null;
  readonly rules: readonly number[];
}

/**
 * Scores everybody at risk at each cut-off by what could have been learned by then, and holds the scores against what came.
 * Null when at no cut-off there was anything to learn from, or somebody stopped it.
 */
export async function evaluate(question: EvaluationQuestion): Promise<Evaluation | null> {
  const { panel, outcome, plan, pace, firstAt, onProgress, signal } = question;
  const steps = plan.cutOffs.length + 1;
  const [rows, trained, notes]: [Row[], TrainedScore[], string[]] = [[], [], []];
  for (const [i, at] of plan.cutOffs.entries()) {
    if (signal?.aborted) return null;
    const score = await train(panel, outcome, pace, firstAt, at);
    if (score === null) notes.push(`${iso(at)}: before it there is nobody lost, or nobody else, to learn from`);
    else {
      trained.push(score);
      rows.push(...(await rowsAt(question, score, notes)));
    }
    onProgress?.(i + 1, steps);
  }
  if (rows.length === 0 || signal?.aborted) return null;
  const lead = await leadOf(question, trained[0]!);
  if (lead === null) notes.push('lead: there is too little time with known outcomes to play alarms through');
  onProgress?.(steps, steps);
  return { outcome, pace, trained, notes, lead, ...judged(rows, outcome) };
}

/** Alarms are played through the last three horizons of which the outcome is known, but only in the second half of the data. */
async function leadOf(
  { panel, outcome, pace, firstAt, lastAt }: EvaluationQuestion,
  earliest: TrainedScore,
): Promise<Lead | null> {
  const to = epochMs(lastAt - outcome.horizonMs);
  const from = Math.max(firstAt + (lastAt - firstAt) / 2, to - 3 * outcome.horizonMs);
  const at = epochMs(Math.floor(from / DAY) * DAY);
  const trained = at < earliest.at ? await train(panel, outcome, pace, firstAt, at) : earliest;
  return trained === null ? null : measureLead(panel, outcome, trained, to);
}

async function rowsAt(
  { panel, outcome, plan, pace }: EvaluationQuestion,
  score: TrainedScore,
  notes: string[],
): Promise<readonly Row[]> {
  const { at } = score;
  const deeds = await panel.deeds(at, (at + plan.horizonMs) as EpochMs);
  const everybody = await panel.pasts(at, at, pace);
  const { buying } = score;
  if (buying.kind === 'degenerate') notes.push(`${iso(at)}: ${buying.detail}`);
  const scores = new Map((await scoreAll(panel, outcome, score, at)).map(({ past, score }) => [past.customer, score]));
  return everybody
    .filter((past) => isAtRisk(past, at, outcome))
    .map((past) => ({
      customer: past.customer,
      cutOff: at,
      label: outcomeOf(outcome, deeds.has(past.customer)),
      score: scores.get(past.customer)!,
      bg: buying.kind === 'fitted' ? noneByBuying(buying.parameters, past, at, plan.horizonMs) : null,
      rules: rules.map(({ of }) => of(past, at, pace)),
    }));
}

function judged(rows: readonly Row[], { event }: Outcome) {
  const places = new Map<string, number>();
  for (const { customer } of rows) if (!places.has(customer)) places.set(customer, places.size);
  const customers = rows.map(({ customer }) => places.get(customer)!);
  const ranked = (name: string, isProbability: boolean, of: (row: Row) => number) => ({
    name,
    isProbability,
    ranking: new Ranking(rows.map((row) => ({ score: of(row), label: row.label }))),
  });
  const hasBg = rows.every(({ bg }) => bg !== null);
  const all = [
    ranked('shipped score', true, ({ score }) => score),
    ...(hasBg ? [ranked('BG/NBD', event === null, ({ bg }) => bg!)] : []),
    ...rules.map(({ name }, i) => ranked(name, false, (row) => row.rules[i]!)),
  ];
  const redrawn = redraw(
    all.map(({ ranking }) => ranking),
    customers,
  );
  const contenders = all.map(({ name, isProbability, ranking }, i): Contender => {
    const intervals = Object.fromEntries(
      figures.map((figure) => [figure, interval(redrawn[i]!.map((quality) => quality[figure]))]),
    ) as Contender['intervals'];
    return { name, isProbability, quality: ranking.quality(), intervals };
  });
  const best = contenders
    .slice(-rules.length)
    .reduce((best, each) => (each.quality.auc > best.quality.auc ? each : best));
  const place = contenders.indexOf(best);
  return {
    rows: rows.map(({ customer, cutOff, label, score }) => ({ customer, cutOff, label, score })),
    customers: places.size,
    contenders,
    gain: {
      over: best.name,
      auc: contenders[0]!.quality.auc - best.quality.auc,
      interval: interval(redrawn[0]!.map(({ auc }, draw) => auc - redrawn[place]![draw]!.auc)),
    },
    calibration: calibration(rows),
    eceByChance: eceByChance(rows),
  };
}

const iso = (at: EpochMs): string => new Date(at).toISOString().slice(0, 10);
