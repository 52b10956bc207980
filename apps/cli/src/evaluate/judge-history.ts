import { ClickHousePanelStore } from '#clickhouse';
import type { EpochMs, EventType } from '#domain';
import { engagementTypes, epochMs } from '#domain';
import type { Evaluation, Panel } from '#scoring';
import { evaluate, paceOf, planEvaluation } from '#scoring';
import type { StoredHistory } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { panelOver } from './panel-over.js';

export interface HistoryQuestion {
  /** Null: what is foretold is that no activity comes. */
  readonly event: EventType | null;
  readonly horizonMs?: number | undefined;
  readonly cutOffs?: readonly EpochMs[] | undefined;
  readonly signal: AbortSignal;
}

export interface JudgedHistory {
  readonly panel: Panel;
  readonly evaluation: Evaluation;
}

/** Holds the score against the history in the store. Null, and it is said why, when there was nothing to judge. */
export async function judgeHistory(
  { store, histories, tenant, extent }: StoredHistory,
  question: HistoryQuestion,
  terminal: Terminal,
): Promise<JudgedHistory | null> {
  const { event, signal } = question;
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
  if (evaluation !== null) return { panel, evaluation };
  terminal.say(
    signal.aborted
      ? 'Stopped: nothing was evaluated to the end.'
      : 'At no cut-off there was anything to learn from: everybody before it was lost, or nobody.',
  );
  return null;
}
