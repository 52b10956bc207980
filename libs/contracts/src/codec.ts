import { alertId, customerId, epochMs, isoOf, ruleId, tenantId } from '#domain';
import type { ActivityEvent, Alert, TenantId, Transition } from '#domain';
import { transitionEnvelopeSchema } from './envelopes.js';
import type { AlertBody, Envelope, TransitionBody } from './envelopes.js';
import type { IncidentEnvelope } from './incidents.js';
import type { StageEnvelope } from './stages.js';

const utf8 = new TextEncoder();

/** CloudEvents structured JSON, as the intake topics carry it; `tenant` and `receivedtime` are extension attributes. */
export function encodeEvent(event: ActivityEvent): Uint8Array {
  return utf8.encode(
    JSON.stringify({
      specversion: '1.0',
      id: event.id,
      source: event.source,
      type: event.type,
      subject: event.customer,
      time: isoOf(event.occurredAt),
      tenant: event.tenant,
      receivedtime: isoOf(event.receivedAt),
      datacontenttype: 'application/json',
      data: {
        amount: event.amount,
        platform: event.platform,
        channel: event.channel,
        appVersion: event.appVersion,
        attributes: event.attributes,
      },
    }),
  );
}

export const encodeEnvelope = (envelope: Envelope | IncidentEnvelope | StageEnvelope): Uint8Array =>
  utf8.encode(JSON.stringify(envelope));

export type TransitionReading =
  | { readonly kind: 'read'; readonly transition: Transition; readonly alert: Alert | null }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** Reads a record of the transitions topic back. */
export function decodeTransition(bytes: Uint8Array): TransitionReading {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { kind: 'unreadable', detail: 'the record is no JSON' };
  }
  const parsed = transitionEnvelopeSchema.required({ tenant: true }).safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { kind: 'unreadable', detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown fault'}` };
  }
  const tenant = tenantId(parsed.data.tenant);
  const { transition, alert } = parsed.data.data;
  return {
    kind: 'read',
    transition: transitionOf(transition, tenant),
    alert: alert === null ? null : alertOf(alert, tenant),
  };
}

const at = (iso: string) => epochMs(Date.parse(iso));

const transitionOf = (body: TransitionBody, tenant: TenantId): Transition => ({
  ...body,
  tenant,
  customer: customerId(body.customer),
  rule: ruleId(body.rule),
  becameDueAt: at(body.becameDueAt),
  detectedAt: at(body.detectedAt),
  clearedAt: body.clearedAt === null ? null : at(body.clearedAt),
  amends: body.amends === null ? null : at(body.amends),
});

const alertOf = (body: AlertBody, tenant: TenantId): Alert => ({
  ...body,
  id: alertId(body.id),
  retracts: body.retracts === null ? null : alertId(body.retracts),
  tenant,
  customer: customerId(body.customer),
  rule: ruleId(body.rule),
  playbook: { ...body.playbook, dueAt: at(body.playbook.dueAt) },
  becameDueAt: at(body.becameDueAt),
  detectedAt: at(body.detectedAt),
});
