import { createHash } from 'node:crypto';
import { z } from 'zod';
import { alertKinds, flagStates, isoOf, isRaised, rejectReasons, severities, takesBack } from '#domain';
import type {
  Alert,
  CustomerId,
  EpochMs,
  FlagState,
  RejectReason,
  RuleId,
  Severity,
  TenantId,
  Transition,
} from '#domain';
import { envelopeShape, schemaUrn } from './envelope-shape.js';
import { count, instant, isoOrNull, localText, signalValues } from './fields.js';

const evidence = signalValues.meta({ description: 'Signals at `becameDueAt`, the rule’s own first' });

export const transitionBody = z.object({
  id: z.string(),
  sequence: count.meta({ description: 'Counts this flag’s moves; what is not greater than one already seen is old' }),
  customer: z.string(),
  rule: z.string(),
  ruleVersion: z.string(),
  episode: count,
  from: z.enum(flagStates),
  to: z.enum(flagStates),
  becameDueAt: instant.meta({ description: 'The instant the flag had to move' }),
  detectedAt: instant.meta({ description: 'When Churnwatch moved it' }),
  severity: z.enum(severities),
  reason: z.string(),
  evidence,
  clearedAt: instant.nullable(),
  amends: instant.nullable().meta({
    description:
      'Set when an event came late: whatever was said of this flag from that instant on is replaced by this and what follows',
  }),
});
export type TransitionBody = z.infer<typeof transitionBody>;

export const alertBody = z.object({
  id: z.string().meta({ description: 'The same for every re-send of one alert' }),
  kind: z.enum(alertKinds).meta({ description: 'A retraction withdraws an alert: what it claimed did not hold' }),
  retracts: z.string().nullable().meta({ description: 'Id of the alert withdrawn; null unless this is a retraction' }),
  customer: z.string(),
  rule: z.string(),
  ruleVersion: z.string(),
  episode: count,
  severity: z.enum(severities),
  reason: z.string(),
  title: localText,
  text: localText,
  playbook: z.object({ id: z.string(), title: localText, action: localText, owner: z.string(), dueAt: instant }),
  evidence,
  becameDueAt: instant,
  detectedAt: instant,
});
export type AlertBody = z.infer<typeof alertBody>;

export const riskCurrentBody = z.object({
  customer: z.string(),
  asOf: instant,
  sequence: count.meta({
    description: 'Counts the moves of all of this customer’s flags; what is smaller than one already seen is old',
  }),
  raised: z
    .array(
      z.object({
        rule: z.string(),
        ruleVersion: z.string(),
        severity: z.enum(severities),
        reason: z.string(),
        state: z.enum(['firing', 'recovering']),
        since: instant,
        episode: count,
        sequence: count,
      }),
    )
    .min(1),
});
export type RiskCurrentBody = z.infer<typeof riskCurrentBody>;

export const deadLetterBody = z.object({
  reason: z.enum(rejectReasons),
  detail: z.string(),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  key: z.string().nullable(),
  value: z.base64().meta({ description: 'The record’s bytes as they came; of very large records the beginning' }),
  bytes: count.optional().meta({ description: 'How many bytes the record had' }),
  headers: z.record(z.string(), z.string()).optional().meta({ description: 'The record’s headers' }),
  at: instant.meta({ description: 'When the log took the record in' }),
});
export type DeadLetterBody = z.infer<typeof deadLetterBody>;

/** What a move of a flag is called on the wire. */
export const transitionTypes = [
  'dev.churnwatch.risk.pending',
  'dev.churnwatch.risk.lapsed',
  'dev.churnwatch.risk.raised',
  'dev.churnwatch.risk.recovering',
  'dev.churnwatch.risk.relapsed',
  'dev.churnwatch.risk.cleared',
  'dev.churnwatch.risk.retracted',
  'dev.churnwatch.risk.corrected',
] as const;
export type TransitionType = (typeof transitionTypes)[number];

/** What an alert and what withdraws it are called on the wire. */
export const actionTypes = ['dev.churnwatch.action.requested', 'dev.churnwatch.action.withdrawn'] as const;

/** On `churnwatch.risk.transitions.v1`. */
export const transitionEnvelopeSchema = envelopeShape(
  z.enum(transitionTypes),
  z.object({ transition: transitionBody, alert: alertBody.nullable() }),
  schemaUrn('risk-transition'),
);
/** On `churnwatch.risk.current.v1`; a customer without raised flags is a tombstone. */
export const riskCurrentEnvelopeSchema = envelopeShape(
  z.literal('dev.churnwatch.risk.current'),
  riskCurrentBody,
  schemaUrn('risk-current'),
);
/** On `churnwatch.action.v1`. */
export const actionEnvelopeSchema = envelopeShape(z.enum(actionTypes), alertBody, schemaUrn('action'));
/** On `churnwatch.dead-letter.v1`. */
export const deadLetterEnvelopeSchema = envelopeShape(
  z.literal('dev.churnwatch.event.refused'),
  deadLetterBody,
  schemaUrn('dead-letter'),
);

export type TransitionEnvelope = z.infer<typeof transitionEnvelopeSchema>;
export type RiskCurrentEnvelope = z.infer<typeof riskCurrentEnvelopeSchema>;
export type ActionEnvelope = z.infer<typeof actionEnvelopeSchema>;
export type DeadLetterEnvelope = z.infer<typeof deadLetterEnvelopeSchema>;
export type Envelope = TransitionEnvelope | RiskCurrentEnvelope | ActionEnvelope | DeadLetterEnvelope;

/** What a flag that shows on a customer is published with. */
export interface RaisedFlag {
  readonly rule: RuleId;
  readonly ruleVersion: string;
  readonly severity: Severity;
  readonly reason: string;
  readonly state: FlagState;
  readonly since: EpochMs;
  readonly episode: number;
  readonly sequence: number;
}

/** A refused record. */
export interface RefusedRecord {
  /** topic/partition/offset, and the epoch where there is more than one: burying it again changes nothing. */
  readonly id: string;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  /** Counts how often the topic was made anew under the same name. */
  readonly epoch: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** When the log took the record in: writing of the letter again gives the same envelope to the byte. */
  readonly at: EpochMs;
}

export function transitionType(move: Pick<Transition, 'from' | 'to' | 'amends' | 'becameDueAt'>): TransitionType {
  const { from, to } = move;
  if (to !== 'retracted' && takesBack(move)) return 'dev.churnwatch.risk.corrected';
  switch (to) {
    case 'pending':
      return 'dev.churnwatch.risk.pending';
    case 'firing':
      return from === 'recovering' ? 'dev.churnwatch.risk.relapsed' : 'dev.churnwatch.risk.raised';
    case 'recovering':
      return 'dev.churnwatch.risk.recovering';
    case 'clear':
      return from === 'pending' ? 'dev.churnwatch.risk.lapsed' : 'dev.churnwatch.risk.cleared';
    case 'retracted':
      return 'dev.churnwatch.risk.retracted';
  }
}

export const transitionBodyOf = (transition: Transition): TransitionBody => ({
  id: transition.id,
  sequence: transition.sequence,
  customer: transition.customer,
  rule: transition.rule,
  ruleVersion: transition.ruleVersion,
  episode: transition.episode,
  from: transition.from,
  to: transition.to,
  becameDueAt: isoOf(transition.becameDueAt),
  detectedAt: isoOf(transition.detectedAt),
  severity: transition.severity,
  reason: transition.reason,
  evidence: { ...transition.evidence },
  clearedAt: isoOrNull(transition.clearedAt),
  amends: isoOrNull(transition.amends),
});

export const alertBodyOf = (alert: Alert): AlertBody => ({
  id: alert.id,
  kind: alert.kind,
  retracts: alert.retracts,
  customer: alert.customer,
  rule: alert.rule,
  ruleVersion: alert.ruleVersion,
  episode: alert.episode,
  severity: alert.severity,
  reason: alert.reason,
  title: alert.title,
  text: alert.text,
  playbook: {
    id: alert.playbook.id,
    title: alert.playbook.title,
    action: alert.playbook.action,
    owner: alert.playbook.owner,
    dueAt: isoOf(alert.playbook.dueAt),
  },
  evidence: { ...alert.evidence },
  becameDueAt: isoOf(alert.becameDueAt),
  detectedAt: isoOf(alert.detectedAt),
});

export const about = (tenant: TenantId, customer: CustomerId) => ({
  subject: customer,
  tenant,
  partitionkey: customer,
});

/** Publishing a move again gives the same envelope to the byte. */
export function transitionEnvelope(transition: Transition, alert: Alert | null): TransitionEnvelope {
  return {
    specversion: '1.0',
    id: transition.id,
    source: 'urn:churnwatch:sentinel',
    type: transitionType(transition),
    time: isoOf(transition.detectedAt),
    ...about(transition.tenant, transition.customer),
    datacontenttype: 'application/json',
    dataschema: transitionEnvelopeSchema.shape.dataschema.value,
    data: { transition: transitionBodyOf(transition), alert: alert === null ? null : alertBodyOf(alert) },
  };
}

/** The flags raised on one customer now; null (a tombstone on the compacted topic) when there are none. */
export function riskCurrentEnvelope(
  tenant: TenantId,
  customer: CustomerId,
  flags: readonly RaisedFlag[],
  sequence: number,
  asOf: EpochMs,
): RiskCurrentEnvelope | null {
  const raised = flags
    .filter((flag) => isRaised(flag.state))
    .toSorted((a, b) => (a.rule < b.rule ? -1 : 1))
    .map((flag) => ({
      rule: flag.rule,
      ruleVersion: flag.ruleVersion,
      severity: flag.severity,
      reason: flag.reason,
      state: flag.state === 'recovering' ? ('recovering' as const) : ('firing' as const),
      since: isoOf(flag.since),
      episode: flag.episode,
      sequence: flag.sequence,
    }));
  if (raised.length === 0) return null;
  const data: RiskCurrentBody = { customer, asOf: isoOf(asOf), sequence, raised };
  return {
    specversion: '1.0',
    id: createHash('sha256')
      .update(JSON.stringify([tenant, data]))
      .digest('hex')
      .slice(0, 32),
    source: 'urn:churnwatch:sentinel',
    type: 'dev.churnwatch.risk.current',
    time: isoOf(asOf),
    ...about(tenant, customer),
    datacontenttype: 'application/json',
    dataschema: riskCurrentEnvelopeSchema.shape.dataschema.value,
    data,
  };
}

/** Asks whoever reads the action topic to do what the alert's playbook says, or to leave it after all. */
export function actionEnvelope(alert: Alert): ActionEnvelope {
  return {
    specversion: '1.0',
    id: alert.id,
    source: 'urn:churnwatch:courier',
    type: alert.kind === 'retraction' ? 'dev.churnwatch.action.withdrawn' : 'dev.churnwatch.action.requested',
    time: isoOf(alert.detectedAt),
    ...about(alert.tenant, alert.customer),
    datacontenttype: 'application/json',
    dataschema: actionEnvelopeSchema.shape.dataschema.value,
    data: alertBodyOf(alert),
  };
}

/**
 * Brokers take no record above 1 MB, and one that nearly is that large would, in base64, not pass as a letter: the
 * partition would stand still for good. The store keeps all of it.
 */
const mostLetterBytes = 256 * 1024;
const mostKeyLength = 1_000;

/** Of the headers as many as fit beside the bytes. */
function headersThatFit(headers: Readonly<Record<string, string>>): Record<string, string> {
  let room = mostLetterBytes;
  return Object.fromEntries(
    Object.entries(headers).filter((header) => (room -= Buffer.byteLength(JSON.stringify(header))) > 0),
  );
}

export function deadLetterEnvelope(letter: RefusedRecord): DeadLetterEnvelope {
  return {
    specversion: '1.0',
    id: letter.id,
    source: 'urn:churnwatch:tracker',
    type: 'dev.churnwatch.event.refused',
    time: isoOf(letter.at),
    datacontenttype: 'application/json',
    dataschema: deadLetterEnvelopeSchema.shape.dataschema.value,
    data: {
      reason: letter.reason,
      detail: letter.detail,
      topic: letter.topic,
      partition: letter.partition,
      offset: letter.offset,
      key: letter.key === null ? null : letter.key.slice(0, mostKeyLength),
      value: Buffer.from(letter.value.subarray(0, mostLetterBytes)).toString('base64'),
      bytes: letter.value.byteLength,
      headers: headersThatFit(letter.headers),
      at: isoOf(letter.at),
    },
  };
}
