import type { ClickHouseHistoryStore } from '#clickhouse';
import type { EpochMs, EventType, Pack, TenantId } from '#domain';
import { table } from '../letters/table.js';

/** Where a pack says what a gap is taken for while little is known of a customer. */
function priors({ signals, churn }: Pack): readonly (readonly [string, readonly EventType[], number])[] {
  const own = signals.flatMap((signal) =>
    'priorGapDays' in signal ? [[signal.name, signal.events, signal.priorGapDays] as const] : [],
  );
  return [...own, ['stages', churn.events, churn.priorGapDays]];
}

/** Each `prior_gap_days` of the pack beside the mean gap that the store holds. */
export async function typicalGapLines(
  pack: Pack,
  histories: Pick<ClickHouseHistoryStore, 'meanGap'>,
  tenant: TenantId,
  upTo: EpochMs,
): Promise<readonly string[]> {
  const rows: string[][] = [];
  for (const [name, events, priorGapDays] of priors(pack)) {
    const { days, customers } = await histories.meanGap(tenant, events, upTo);
    const found = customers === 0 ? '-' : `${days.toFixed(1)} d`;
    rows.push([name, `${priorGapDays.toFixed(1)} d`, found, customers.toLocaleString('en-US')]);
  }
  return table(['typical gap', 'prior_gap_days', 'in the store', 'customers'], rows);
}
