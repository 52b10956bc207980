import type { EpochMs } from '#domain';
import { DAY, epochMs } from '#domain';
import type { Outcome, Panel } from './panel.js';
import { outcomeOf } from './panel.js';
import type { TrainedScore } from './train.js';
import { scoreAll } from './train.js';

interface Side {
  readonly threshold: number;
  readonly alarms: number;
  /** Share of alarms after which the outcome came within the horizon; null without an alarm. */
  readonly precision: number | null;
  /** Share of all losses that had a right alarm. */
  readonly coverage: number;
  /** Mean over all losses of the days from the first right alarm to the loss; 0 for one without. */
  readonly leadDays: number;
}

/** A fixed silence that raises an alarm, and the score with a threshold at which it is right at least as often. */
export interface LeadRow {
  readonly silence: Side;
  readonly score: Side;
  readonly gainedDays: number;
}

export interface Lead {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly looks: number;
  readonly losses: number;
  readonly rows: readonly LeadRow[];
}

/** One customer at one instant. */
interface Look {
  readonly silentDays: number;
  readonly score: number;
  /** The loss that follows within the horizon, and how long until it is a fact; null when none does. */
  readonly loss: { readonly name: string; readonly days: number } | null;
}

const mostLooks = 30;
const silences = [0.25, 0.5, 0.75];

/**
 * Plays alarms through the time that no label was learned from: everybody at risk is looked at up to thirty times, evenly, and
 * a silence of a fixed length and the score with a fixed threshold raise an alarm once in each silence (from one activity
 * to the next). A loss is a fact when a horizon has passed since the last activity, or with the event foretold. Silences that
 * began before the first look are left out where silence is the loss, and of losses those of which not the whole horizon before
 * lies between the first look and the last. Null when the time is too short.
 */
export async function measureLead(
  panel: Panel,
  outcome: Outcome,
  trained: TrainedScore,
  to: EpochMs,
): Promise<Lead | null> {
  const { horizonMs, event } = outcome;
  const from = trained.at;
  if (to - from < horizonMs) return null;
  const step = Math.max(1, Math.ceil((to - from) / DAY / (mostLooks - 1))) * DAY;
  const spells = new Map<string, Look[]>();
  const losses = new Set<string>();
  const isSeenWhole = (factAt: number): boolean => factAt <= to && (event === null || factAt >= from + horizonMs);
  let looks = 0;
  for (let at = from; at <= to; at = epochMs(at + step)) {
    looks += 1;
    const deeds = await panel.deeds(at, epochMs(at + horizonMs));
    for (const { past, score } of await scoreAll(panel, outcome, trained, at)) {
      if (event === null && past.lastAt < from) continue;
      const deed = deeds.get(past.customer);
      const spell = `${past.customer} ${past.lastAt}`;
      const factAt = event === null ? past.lastAt + horizonMs : deed;
      const loss =
        outcomeOf(outcome, deed !== undefined) && factAt !== undefined
          ? { name: event === null ? spell : `${past.customer} ${factAt}`, days: Math.max(0, factAt - at) / DAY }
          : null;
      if (loss !== null && isSeenWhole(factAt!)) losses.add(loss.name);
      const own = spells.get(spell);
      const look = { silentDays: (at - past.lastAt) / DAY, score, loss };
      if (own === undefined) spells.set(spell, [look]);
      else own.push(look);
    }
  }
  if (losses.size === 0) return null;
  const side = (of: 'silentDays' | 'score', threshold: number): Side => {
    let [alarms, right] = [0, 0];
    const leads = new Map<string, number>();
    for (const own of spells.values()) {
      const alarm = own.find((look) => look[of] >= threshold);
      if (alarm === undefined) continue;
      alarms += 1;
      if (alarm.loss === null) continue;
      right += 1;
      if (!losses.has(alarm.loss.name)) continue;
      leads.set(alarm.loss.name, Math.max(leads.get(alarm.loss.name) ?? 0, alarm.loss.days));
    }
    const sum = [...leads.values()].reduce((all, days) => all + days, 0);
    return {
      threshold,
      alarms,
      precision: alarms === 0 ? null : right / alarms,
      coverage: leads.size / losses.size,
      leadDays: sum / losses.size,
    };
  };
  // Evenly by how many silences reach them: where few score high, thresholds lie close together there.
  const highest = [...spells.values()]
    .map((own) => own.reduce((most, { score }) => Math.max(most, score), 0))
    .toSorted((a, b) => a - b);
  const thresholds = Array.from({ length: 80 }, (_, i) => highest[Math.floor((i / 80) * highest.length)]!);
  const byScore = thresholds.map((threshold) => side('score', threshold));
  const rows = silences.flatMap((share) => {
    const silence = side('silentDays', (share * horizonMs) / DAY);
    const asRight = byScore.filter(({ precision }) => precision !== null && precision >= (silence.precision ?? 1));
    if (silence.alarms === 0 || asRight.length === 0) return [];
    const score = asRight.reduce((best, each) => (each.leadDays > best.leadDays ? each : best));
    return [{ silence, score, gainedDays: score.leadDays - silence.leadDays }];
  });
  return { from, to, looks, losses: losses.size, rows };
}
