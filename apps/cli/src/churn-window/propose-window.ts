import { ClickHouseSilenceStore } from '#clickhouse';
import { ChurnError, DAY } from '#domain';
import type { Environment } from '#platform';
import { generalSettings, loadConfig } from '#platform';
import { reportLines } from '../report/report-lines.js';
import { reportPage } from '../report/report-page.js';
import { readPack } from '../rules/read-pack.js';
import type { Period } from '../stored-history.js';
import { overHistory, periodOf } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { writeWhole } from '../write-whole.js';
import { benchFigures } from './bench-figures.js';
import { benchReport } from './bench-report.js';
import { benchChurn } from './churn-bench.js';

export interface WindowRequest extends Partial<Period> {
  readonly pack: string;
  /** From 0 to 1. */
  readonly level: number;
  readonly horizonMs?: number;
  /** Where the figures go as well. */
  readonly json?: string;
  /** Where they go for somebody to read. */
  readonly html?: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

const usualHorizonDays = 90;

/** Reads the store only. False when there was nothing to read or somebody stopped it. */
export async function proposeWindow(request: WindowRequest, terminal: Terminal): Promise<boolean> {
  const { env, signal, level, json, html } = request;
  const { LOCALE } = loadConfig(generalSettings, env);
  const pack = readPack(request.pack, terminal);
  if (pack === null) return false;
  return await overHistory(env, terminal, async ({ store, tenant, extent }) => {
    const period = periodOf(request, extent);
    const horizonDays = horizonOf(request.horizonMs, period);
    const bar = terminal.bar('churn-window', 1);
    const question = { ...period, tenant, pack, level, horizonDays };
    const onProgress = (done: number, of: number): void => bar.advance(done / of, `${done} of ${of} questions`);
    const bench = await benchChurn(question, new ClickHouseSilenceStore(store), onProgress, signal).finally(() =>
      bar.end(),
    );
    if (bench === null) {
      terminal.say('Stopped: nothing was written.');
      return false;
    }
    for (const line of reportLines(benchReport(pack, bench, 'en'))) terminal.say(line);
    if (json !== undefined) {
      await writeWhole(json, `${JSON.stringify(benchFigures(pack, bench), null, 2)}\n`);
      terminal.say(`All figures: ${json}`);
    }
    if (html !== undefined) {
      await writeWhole(html, reportPage(benchReport(pack, bench, LOCALE), LOCALE));
      terminal.say(`Report: ${html}`);
    }
    return true;
  });
}

/** Three horizons must fit in what follows the first: with less there is hardly a silence seen for as long. */
function horizonOf(asked: number | undefined, { from, to }: Period): number {
  const span = (to - from) / DAY;
  if (asked === undefined) return Math.max(1, Math.min(usualHorizonDays, Math.floor(span / 4)));
  if (asked % DAY !== 0 || asked / DAY >= span)
    throw new ChurnError('CONFIG_INVALID', `--horizon: whole days, fewer than the data's ${Math.floor(span)}`);
  return asked / DAY;
}
