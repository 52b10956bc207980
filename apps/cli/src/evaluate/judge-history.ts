import type { Store } from '#clickhouse';
import { ClickHouseHistoryStore, ClickHousePanelStore } from '#clickhouse';
import type { EpochMs, EventType, TenantId } from '#domain';
import { engagementTypes, epochMs } from '#domain';
import type { HistoryExtent } from '#pipeline';
import type { Evaluation, Panel } from '#scoring';
import { evaluate, paceOf, planEvaluation } from '#scoring';
import type { Terminal } from '../terminal.js';
import { panelOver } from './panel-over.js';

export interface HistoryQuestion {
  readonly tenant: TenantId;
  /** Null: what is foretold is that no activity comes. */
  readonly event: EventType | null;
  readonly horizonMs?: number | undefined;
  readonly cutOffs?: readonly EpochMs[] | undefined;
  readonly signal: AbortSignal;
}

export interface JudgedHistory {
  readonly extent: HistoryExtent;
  readonly panel: Panel;
  readonly evaluation: Evaluation;
}

/** Holds the score against the history in the store. Null, and it is said why, when there was nothing to judge. */
export async function judgeHistory(
  store: Store,
  question: HistoryQuestion,
  terminal: Terminal,
): Promise<JudgedHistory | null> {
  const { tenant, event, signal } = question;
  const histories = new ClickHouseHistoryStore(store);
  const extent = await histories.extent(tenant);
  if (extent === null) {
    terminal.say('There is no event in the store: import a history first.');
    return null;
  }
  const { firstAt, lastAt } = extent;
  // Nothing is scored before: what is learned of the pace there is no knowledge of the future.
  const paceUpTo = epochMs(Math.min(...(question.cutOffs ?? [firstAt + (lastAt - firstAt) / 2])));
  const typical = await histories.meanGap(tenant, engagementTypes, paceUpTo);
  const plan = planEvaluation(extent, typical.days, question);
  const panel = panelOver(new ClickHousePanelStore(store), tenant, event);
  const bar = terminal.bar('evaluate', 1);
  const evaluation = await evaluate({
    panel,
    outcome: { event, horizonMs: plan.horizonMs },
    plan,
    pace: paceOf(typical.days, plan.cutOffs[0]! - firstAt),
    firstAt,
    lastAt,
    onProgress: (done, of) => bar.advance(done / of, `${done} of ${of} steps`),
    signal,
  }).finally(() => bar.end());
  if (evaluation !== null) return { extent, panel, evaluation };
  terminal.say(
    signal.aborted
      ? 'Stopped: nothing was evaluated to the end.'
      : 'At no cut-off there was anything to learn from: everybody before it was lost, or nobody.',
  );
  return null;
}
