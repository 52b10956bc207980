import type { EventType } from '#domain';
import { systemClock } from '#domain';
import { versionOf } from '#pipeline';
import { bandEdges, evidenceOf, scoreModelOf, train } from '#scoring';
import { judgeHistory } from '../evaluate/judge-history.js';
import { historyIn } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { cardLines } from './card-lines.js';
import type { OwnedModels } from './with-models.js';

export interface TrainRequest {
  /** Null: what is foretold is that no activity comes. */
  readonly event: EventType | null;
  readonly horizonMs: number | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/**
 * Learns from all of the history what `evaluate` learns from parts of it, and keeps it with the figures that the same
 * training had on those parts. False when there was nothing to learn from or somebody stopped it.
 */
export async function trainScore(
  { store, models, owner }: OwnedModels,
  { event, horizonMs, json, signal }: TrainRequest,
  terminal: Terminal,
): Promise<boolean> {
  const history = await historyIn(store, terminal);
  if (history === null) return false;
  const judged = await judgeHistory(history, { event, horizonMs, signal }, terminal);
  if (judged === null) return false;
  const { extent } = history;
  const { panel, evaluation } = judged;
  const { outcome, pace } = evaluation;
  const trained = await train(panel, outcome, pace, extent.firstAt, extent.lastAt);
  if (trained === null) {
    terminal.say('There is nothing to learn from: everybody was lost, or nobody.');
    return false;
  }
  const learned = {
    ...owner,
    data: extent,
    model: scoreModelOf(outcome, trained),
    evidence: evidenceOf(evaluation),
    bands: bandEdges(evaluation.rows.map(({ score }) => score)),
  };
  const card = { version: versionOf(learned), ...learned, trainedAt: systemClock.now() };
  await models.keep(card);
  if (json) terminal.say(JSON.stringify(card, null, 2));
  else for (const line of cardLines(card)) terminal.say(line);
  return true;
}
