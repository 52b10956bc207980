import {
  encodeEnvelope,
  incidentEnvelope,
  riskCurrentEnvelope,
  stageEnvelope,
  topics,
  transitionEnvelope,
} from '#contracts';
import type { CustomerId, EpochMs, Incident, Pack, StageMove, TenantId } from '#domain';
import { customerKey } from '#domain';
import type { FlagBook } from '../sentinel/evaluate.js';
import type { EventLog } from '../ports/event-log.js';
import type { Decision } from '../ports/flag-store.js';

/** Tells the topics what was decided: every move, and what each moved customer's flags come to now. */
export async function publish(
  log: EventLog,
  pack: Pack,
  book: FlagBook,
  decisions: readonly Decision[],
  now: EpochMs,
): Promise<void> {
  if (decisions.length === 0) return;
  await log.append(
    topics.riskTransitions.name,
    decisions.map(({ transition, alert }) => ({
      key: transition.customer,
      value: encodeEnvelope(transitionEnvelope(transition, alert)),
      timestamp: now,
    })),
  );
  const moved = new Map<string, readonly [TenantId, CustomerId]>();
  for (const { transition } of decisions) {
    moved.set(customerKey(transition.tenant, transition.customer), [transition.tenant, transition.customer]);
  }
  await log.append(
    topics.riskCurrent.name,
    [...moved.values()].map(([tenant, customer]) => {
      const held = book.flagsOf(tenant, customer);
      const sequence = held.reduce((moves, flag) => moves + flag.sequence, 0);
      const flags = held.flatMap((flag) => {
        const rule = pack.rules.find((each) => each.id === flag.rule);
        // Nobody is to act on what is not told.
        return rule && rule.muted === null
          ? [{ ...flag, ruleVersion: rule.version, severity: rule.severity, reason: rule.reason }]
          : [];
      });
      const envelope = riskCurrentEnvelope(tenant, customer, flags, sequence, now);
      // A tombstone has no other place to say it.
      const headers = { sequence: String(sequence) };
      return { key: customer, value: envelope === null ? null : encodeEnvelope(envelope), headers, timestamp: now };
    }),
  );
}

/** Each change of each incident, for operators and their tools. */
export async function publishIncidents(log: EventLog, incidents: readonly Incident[], now: EpochMs): Promise<void> {
  await log.append(
    topics.incident.name,
    incidents.map((incident) => ({
      key: incident.id,
      value: encodeEnvelope(incidentEnvelope(incident)),
      timestamp: now,
    })),
  );
}

/** Tells the topic which customers are in another stage now. */
export const publishStages = (log: EventLog, moves: readonly StageMove[], now: EpochMs): Promise<void> =>
  log.append(
    topics.customerStage.name,
    moves.map((move) => ({ key: move.customer, value: encodeEnvelope(stageEnvelope(move)), timestamp: now })),
  );
