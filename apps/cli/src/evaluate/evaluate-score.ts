import { writeFile } from 'node:fs/promises';
import { openStore } from '#clickhouse';
import { isoOf, tenantId } from '#domain';
import type { Environment } from '#platform';
import { clickhouseSettings, generalSettings, loadConfig } from '#platform';
import type { EvaluationRow } from '#scoring';
import type { Terminal } from '../terminal.js';
import { evaluatedFigures } from './evaluated-figures.js';
import { evaluatedLines } from './evaluated-lines.js';
import type { HistoryQuestion } from './judge-history.js';
import { judgeHistory } from './judge-history.js';

export interface EvaluateRequest extends Omit<HistoryQuestion, 'tenant'> {
  /** Where each customer's score goes. */
  readonly scores?: string;
  /** Where the figures go as well. */
  readonly json?: string;
  readonly env: Environment;
}

/** Reads the store only. False when there was nothing to evaluate or somebody stopped it. */
export async function evaluateScore(request: EvaluateRequest, terminal: Terminal): Promise<boolean> {
  const { env } = request;
  const store = openStore({ ...loadConfig(generalSettings, env), ...loadConfig(clickhouseSettings, env) });
  try {
    const judged = await judgeHistory(store, { ...request, tenant: tenantId('default') }, terminal);
    if (judged === null) return false;
    const { extent, evaluation } = judged;
    for (const line of evaluatedLines(extent, evaluation)) terminal.say(line);
    if (request.scores !== undefined) {
      await writeFile(request.scores, scoresCsv(evaluation.rows));
      terminal.say(`Scores: ${request.scores}`);
    }
    if (request.json !== undefined) {
      await writeFile(request.json, `${JSON.stringify(evaluatedFigures(evaluation), null, 2)}\n`);
      terminal.say(`All figures: ${request.json}`);
    }
    return true;
  } finally {
    await store.close();
  }
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const scoresCsv = (rows: readonly EvaluationRow[]): string =>
  `customer,cutoff,score,label\n${rows
    .map(({ customer, cutOff, score, label }) => `${quoted(customer)},${isoOf(cutOff)},${score},${Number(label)}\n`)
    .join('')}`;
