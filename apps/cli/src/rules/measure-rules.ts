import { ClickHouseEvaluator } from '#clickhouse';
import type { EpochMs, Locale, Pack } from '#domain';
import type { Comparison, HistoryExtent, Label, Measurement, MeasureParts } from '#pipeline';
import { compare, measure } from '#pipeline';
import type { Environment } from '#platform';
import { generalSettings, loadConfig } from '#platform';
import type { Report } from '../report/report.js';
import { reportLines } from '../report/report-lines.js';
import { reportPage } from '../report/report-page.js';
import { overHistory, periodOf } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { writeWhole } from '../write-whole.js';
import { figures } from './measured-figures.js';
import { differenceTables, measuredReport } from './measured-report.js';
import { readPack } from './read-pack.js';
import { typicalGapLines } from './typical-gaps.js';

export interface MeasureRequest {
  readonly pack: string;
  /** What it is compared with; true: the pack in the settings. */
  readonly against?: string | true;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly label: Label;
  /** Where the figures go as well. */
  readonly json?: string;
  /** Where they go for somebody to read. */
  readonly html?: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** A terminal shows only so many of the customers that differ. */
const customersInLines = 20;

/** Reads the store only. False when there was nothing to measure or somebody stopped it: then nothing is written either. */
export async function measureRules(request: MeasureRequest, terminal: Terminal): Promise<boolean> {
  const { env, signal, json, html, label, against } = request;
  const { PACK, LOCALE } = loadConfig(generalSettings, env);
  const pack = readPack(request.pack, terminal);
  const inForce = against === undefined ? undefined : readPack(against === true ? PACK : against, terminal);
  if (pack === null || inForce === null) return false;
  return await overHistory(env, terminal, async ({ store, histories, tenant, extent }) => {
    const { from, to } = periodOf(request, extent);
    const bar = terminal.bar(pack.name, extent.customers);
    const onProgress = (done: number): void =>
      bar.advance(done, `${Math.floor(done)} of ${extent.customers} customers`);
    const evaluator = new ClickHouseEvaluator(store, pack);
    const parts = { evaluator, histories, tenant, extent, label, from, to, onProgress, signal };
    const other = inForce && new ClickHouseEvaluator(store, inForce);
    const found = await play(parts, other).finally(() => bar.end());
    if (found === null) {
      terminal.say('Stopped: nothing was measured to the end, and nothing written.');
      return false;
    }
    const { measured, compared } = found;
    const reportIn = (locale: Locale, most: number): Report =>
      compared === undefined
        ? measuredReport(pack, extent, measured, locale)
        : comparedReport([pack, inForce!], extent, compared, locale, most);
    for (const line of reportLines(reportIn('en', customersInLines))) terminal.say(line);
    for (const line of ['', ...(await typicalGapLines(pack, histories, tenant, to))]) terminal.say(line);
    if (json !== undefined) {
      await writeWhole(json, `${JSON.stringify(figures(pack, measured, inForce, compared), null, 2)}\n`);
      terminal.say(`All figures: ${json}`);
    }
    if (html !== undefined) {
      await writeWhole(html, reportPage(reportIn(LOCALE, Infinity), LOCALE));
      terminal.say(`Report: ${html}`);
    }
    return true;
  });
}

async function play(
  parts: MeasureParts,
  inForce: ClickHouseEvaluator | undefined,
): Promise<{ readonly measured: Measurement; readonly compared?: Comparison } | null> {
  if (inForce === undefined) {
    const measured = await measure(parts);
    return measured && { measured };
  }
  const compared = await compare({ ...parts, inForce });
  return compared && { measured: compared.draft, compared };
}

function comparedReport(
  packs: readonly [draft: Pack, inForce: Pack],
  extent: HistoryExtent,
  compared: Comparison,
  locale: Locale,
  mostCustomers: number,
): Report {
  const report = measuredReport(packs[0], extent, compared.draft, locale);
  return { ...report, tables: [...report.tables, ...differenceTables(packs, compared, locale, mostCustomers)] };
}
