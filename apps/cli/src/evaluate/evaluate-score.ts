import { ClickHousePanelStore } from '#clickhouse';
import type { EpochMs, EventType } from '#domain';
import { engagementTypes, epochMs, isoOf } from '#domain';
import type { Environment } from '#platform';
import type { EvaluationRow } from '#scoring';
import { evaluate, paceOf, planEvaluation } from '#scoring';
import { overHistory } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { writeWhole } from '../write-whole.js';
import { evaluatedFigures } from './evaluated-figures.js';
import { evaluatedLines } from './evaluated-lines.js';
import { panelOver } from './panel-over.js';

export interface EvaluateRequest {
  /** Null: what is foretold is that no activity comes. */
  readonly event: EventType | null;
  readonly horizonMs?: number | undefined;
  readonly cutOffs?: readonly EpochMs[] | undefined;
  /** Where each customer's score goes. */
  readonly scores?: string;
  /** Where the figures go as well. */
  readonly json?: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** Reads the store only. False when there was nothing to evaluate or somebody stopped it. */
export async function evaluateScore(request: EvaluateRequest, terminal: Terminal): Promise<boolean> {
  const { env, event, signal } = request;
  return await overHistory(env, terminal, async ({ store, histories, tenant, extent }) => {
    const { firstAt, lastAt } = extent;
    // Nothing is scored before: what is learned of the pace there is no knowledge of the future.
    const paceUpTo = epochMs(Math.min(...(request.cutOffs ?? [firstAt + (lastAt - firstAt) / 2])));
    const typical = await histories.meanGap(tenant, engagementTypes, paceUpTo);
    const plan = planEvaluation(extent, typical.days, request);
    const outcome = { event, horizonMs: plan.horizonMs };
    const bar = terminal.bar('evaluate', 1);
    const evaluation = await evaluate({
      panel: panelOver(new ClickHousePanelStore(store), tenant, event),
      outcome,
      plan,
      pace: paceOf(typical.days, plan.cutOffs[0]! - firstAt),
      firstAt,
      lastAt,
      onProgress: (done, of) => bar.advance(done / of, `${done} of ${of} steps`),
      signal,
    }).finally(() => bar.end());
    if (evaluation === null) {
      terminal.say(
        signal.aborted
          ? 'Stopped: nothing was evaluated to the end.'
          : 'At no cut-off there was anything to learn from: everybody before it was lost, or nobody.',
      );
      return false;
    }
    for (const line of evaluatedLines(extent, evaluation)) terminal.say(line);
    if (request.scores !== undefined) {
      await writeWhole(request.scores, scoresCsv(evaluation.rows));
      terminal.say(`Scores: ${request.scores}`);
    }
    if (request.json !== undefined) {
      await writeWhole(request.json, `${JSON.stringify(evaluatedFigures(evaluation), null, 2)}\n`);
      terminal.say(`All figures: ${request.json}`);
    }
    return true;
  });
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const scoresCsv = (rows: readonly EvaluationRow[]): string =>
  `customer,cutoff,score,label\n${rows
    .map(({ customer, cutOff, score, label }) => `${quoted(customer)},${isoOf(cutOff)},${score},${Number(label)}\n`)
    .join('')}`;
