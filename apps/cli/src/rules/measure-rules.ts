import { ClickHouseEvaluator } from '#clickhouse';
import type { EpochMs } from '#domain';
import type { Label } from '#pipeline';
import { measure } from '#pipeline';
import type { Environment } from '#platform';
import { overHistory, periodOf } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { writeWhole } from '../write-whole.js';
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
  return await overHistory(env, terminal, async ({ store, histories, tenant, extent }) => {
    const { from, to } = periodOf(request, extent);
    const bar = terminal.bar(pack.name, extent.customers);
    const onProgress = (done: number): void =>
      bar.advance(done, `${Math.floor(done)} of ${extent.customers} customers`);
    const evaluator = new ClickHouseEvaluator(store, pack);
    const { label } = request;
    const parts = { evaluator, histories, tenant, extent, label, from, to, onProgress, signal };
    const measured = await measure(parts).finally(() => bar.end());
    if (measured === null) {
      terminal.say('Stopped: nothing was measured to the end.');
      return false;
    }
    const gaps = await typicalGapLines(pack, histories, tenant, to);
    for (const line of [...measuredLines(pack, extent, measured), '', ...gaps]) terminal.say(line);
    if (json !== undefined) {
      await writeWhole(json, `${JSON.stringify(figures(pack, measured), null, 2)}\n`);
      terminal.say(`All figures: ${json}`);
    }
    return true;
  });
}
