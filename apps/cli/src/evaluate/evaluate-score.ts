import { isoOf } from '#domain';
import type { Environment } from '#platform';
import type { EvaluationRow } from '#scoring';
import { overHistory } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { writeWhole } from '../write-whole.js';
import { evaluatedFigures } from './evaluated-figures.js';
import { evaluatedLines } from './evaluated-lines.js';
import type { HistoryQuestion } from './judge-history.js';
import { judgeHistory } from './judge-history.js';

export interface EvaluateRequest extends HistoryQuestion {
  /** Where each customer's score goes. */
  readonly scores?: string;
  /** Where the figures go as well. */
  readonly json?: string;
  readonly env: Environment;
}

/** Reads the store only. False when there was nothing to evaluate or somebody stopped it. */
export async function evaluateScore(request: EvaluateRequest, terminal: Terminal): Promise<boolean> {
  return await overHistory(request.env, terminal, async (history) => {
    const judged = await judgeHistory(history, request, terminal);
    if (judged === null) return false;
    const { extent } = history;
    const { evaluation } = judged;
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
