import { writeFile } from 'node:fs/promises';
import { ClickHouseEvaluator, ClickHouseHistoryStore, openStore } from '#clickhouse';
import type { EpochMs } from '#domain';
import { ChurnError, epochMs, tenantId } from '#domain';
import type { HistoryExtent, Label, Measurement } from '#pipeline';
import { measure } from '#pipeline';
import type { Environment } from '#platform';
import { clickhouseSettings, generalSettings, loadConfig } from '#platform';
import type { Terminal } from '../terminal.js';
import { figures } from './measured-figures.js';
import { measuredLines } from './measured-lines.js';
import { readPack } from './read-pack.js';
import { typicalGapLines } from './typical-gaps.js';

export interface MeasureRequest {
  readonly pack: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly label: Label;
  /** Where the figures go as well. */
  readonly json?: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** Reads the store only. False when there was nothing to measure or somebody stopped it. */
export async function measureRules(request: MeasureRequest, terminal: Terminal): Promise<boolean> {
  const { env, signal, json } = request;
  const pack = readPack(request.pack, terminal);
  if (pack === null) return false;
  const store = openStore({ ...loadConfig(generalSettings, env), ...loadConfig(clickhouseSettings, env) });
  try {
    const histories = new ClickHouseHistoryStore(store);
    const tenant = tenantId('default');
    const extent = await histories.extent(tenant);
    if (extent === null) {
      terminal.say('There is no event in the store: import a history first.');
      return false;
    }
    const { from, to } = periodOf(request, extent);
    const bar = terminal.bar(pack.name, extent.customers);
    const onProgress = (done: number): void =>
      bar.advance(done, `${Math.floor(done)} of ${extent.customers} customers`);
    const evaluator = new ClickHouseEvaluator(store, pack);
    let measured: Measurement | null;
    try {
      const { label } = request;
      measured = await measure({ evaluator, histories, tenant, extent, label, from, to, onProgress, signal });
    } finally {
      bar.end();
    }
    if (measured === null) {
      terminal.say('Stopped: nothing was measured to the end.');
      return false;
    }
    const gaps = await typicalGapLines(pack, histories, tenant, to);
    for (const line of [...measuredLines(pack, extent, measured), '', ...gaps]) terminal.say(line);
    if (json !== undefined) {
      await writeFile(json, `${JSON.stringify(figures(pack, measured), null, 2)}\n`);
      terminal.say(`All figures: ${json}`);
    }
    return true;
  } finally {
    await store.close();
  }
}

/** Beyond the last event nobody knows whether somebody was silent or the data ended. */
function periodOf({ from, to }: MeasureRequest, { firstAt, lastAt }: HistoryExtent): { from: EpochMs; to: EpochMs } {
  const period = { from: epochMs(Math.max(from ?? firstAt, firstAt)), to: epochMs(Math.min(to ?? lastAt, lastAt)) };
  if (period.from < period.to) return period;
  throw new ChurnError('CONFIG_INVALID', '--from, --to: no event of the store lies between them');
}
