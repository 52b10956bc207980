import { CloudEvent, HTTP, Kafka } from 'cloudevents';
import {
  actionEnvelope,
  deadLetterEnvelope,
  decodeEvent,
  decodeTransition,
  defaultAdmissionLimits,
  encodeEnvelope,
  encodeEvent,
  incidentEnvelope,
  riskCurrentEnvelope,
  schemaFile,
  transitionEnvelope,
  transitionType,
  wireSchemas,
} from '#contracts';
import type { Envelope, IncidentEnvelope, WireSchemaName } from '#contracts';
import type { ActivityEvent, Alert, FlagState, Incident, Transition } from '#domain';
import { alertId, customerId, epochMs, incidentId, ruleId, tenantId } from '#domain';
import { aValidator } from '../support/json-schema.js';

const now = epochMs(Date.UTC(2026, 2, 1, 12, 0, 0, 7));
const tenant = tenantId('acme');
const customer = customerId('客户 1');
const arrival = { ...defaultAdmissionLimits, tenant, now, receivedAt: now };

const event: ActivityEvent = {
  tenant,
  id: 'e1',
  source: 'shop-app',
  type: 'order',
  customer,
  occurredAt: epochMs(now - 60_000),
  receivedAt: now,
  amount: 42.5,
  platform: 'ios',
  channel: '',
  appVersion: '2.1',
  attributes: { cart: ['a', { sku: '1' }] },
};
const transition: Transition = {
  id: 't1',
  sequence: 3,
  tenant,
  customer,
  rule: ruleId('silent'),
  ruleVersion: 'v1',
  episode: 2,
  from: 'pending',
  to: 'firing',
  becameDueAt: epochMs(now - 5),
  detectedAt: now,
  severity: 'high',
  reason: 'gone-silent',
  evidence: { days_silent: 21, usual_gap: null },
  clearedAt: epochMs(now - 1_000),
  amends: null,
};
const text = { en: 'Call back', zh: '回访' };
const alert: Alert = {
  id: alertId('a1'),
  kind: 'alert',
  retracts: null,
  tenant,
  customer,
  rule: ruleId('silent'),
  ruleVersion: 'v1',
  episode: 2,
  severity: 'high',
  reason: 'gone-silent',
  title: text,
  text,
  playbook: { id: 'call', title: text, action: text, owner: 'care', dueAt: epochMs(now + 1) },
  evidence: { days_silent: 21, usual_gap: null },
  becameDueAt: epochMs(now - 5),
  detectedAt: now,
};
const raised = {
  rule: ruleId('silent'),
  ruleVersion: 'v1',
  severity: 'high',
  reason: 'gone-silent',
  state: 'firing',
  since: now,
  episode: 2,
  sequence: 3,
} as const;
const letter = {
  id: 'churnwatch.activity.v1/0/7',
  reason: 'malformed',
  detail: 'the text is no JSON',
  topic: 'churnwatch.activity.v1',
  partition: 0,
  epoch: 0,
  offset: 7,
  key: null,
  value: Uint8Array.of(0xff, 0x00),
  headers: { ce_id: '1' },
  at: now,
} as const;

const incident: Incident = {
  id: incidentId('i1'),
  revision: 1,
  tenant,
  kinds: ['login_failed'],
  extent: { appVersion: '5.2.0', platform: '', channel: '' },
  state: 'open',
  beganAt: epochMs(now - 300_000),
  detectedAt: now,
  endedAt: null,
  endDetectedAt: null,
  failing: 12,
  active: 30,
  norm: 0.01,
  affected: 14,
  valueAtRisk: 99.5,
  cameBack: null,
};
const closed: Incident = { ...incident, revision: 2, state: 'closed', endedAt: now, endDetectedAt: now, cameBack: 3 };

const envelopes: readonly (readonly [WireSchemaName, Envelope | IncidentEnvelope])[] = [
  ['risk-transition', transitionEnvelope(transition, alert)],
  ['risk-transition', transitionEnvelope({ ...transition, to: 'clear', clearedAt: null }, null)],
  ['risk-current', riskCurrentEnvelope(tenant, customer, [raised], 3, now)!],
  ['action', actionEnvelope(alert)],
  ['incident', incidentEnvelope(incident)],
  ['incident', incidentEnvelope(closed)],
  ['dead-letter', deadLetterEnvelope(letter)],
];
const parsed = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;

describe('what Churnwatch publishes', () => {
  it.each(envelopes)('%s is a CloudEvent to the letter of the specification', (_name, envelope) => {
    // The SDK's constructor throws on anything that is none.
    const read = new CloudEvent(parsed(encodeEnvelope(envelope)));
    expect(read.validate()).toBe(true);
    expect(read.id).toBe(envelope.id);
    for (const attribute of Object.keys(envelope)) expect(attribute).toMatch(/^[a-z0-9]{1,20}$/);
  });

  it.each(envelopes)('%s keeps the schema that its dataschema names', (name, envelope) => {
    const validate = aValidator(schemaFile(name));
    expect(validate(parsed(encodeEnvelope(envelope)))).toEqual([]);
    expect(envelope.dataschema).toBe(schemaFile(name)['$id']);
  });

  it('is the same to the byte when it is published again', () => {
    const twice = () => [
      encodeEnvelope(transitionEnvelope(transition, alert)),
      encodeEnvelope(riskCurrentEnvelope(tenant, customer, [raised, { ...raised, rule: ruleId('b') }], 3, now)!),
    ];
    expect(twice()).toEqual(twice());
    const swapped = riskCurrentEnvelope(tenant, customer, [{ ...raised, rule: ruleId('b') }, raised], 3, now)!;
    expect(encodeEnvelope(swapped)).toEqual(twice()[1]);
  });

  it('names each change of an incident', () => {
    const changes = [incident, { ...incident, revision: 2 }, closed].map(incidentEnvelope);
    expect(changes.map(({ id, type }) => [id, type.split('.').at(-1)])).toEqual([
      ['i1/1', 'opened'],
      ['i1/2', 'updated'],
      ['i1/2', 'closed'],
    ]);
  });

  it('gives different states of one customer different ids', () => {
    const recovering = riskCurrentEnvelope(tenant, customer, [{ ...raised, state: 'recovering' }], 4, now)!;
    const elsewhere = riskCurrentEnvelope(tenantId('other'), customer, [raised], 3, now)!;
    expect(new Set([envelopes[2]![1].id, recovering.id, elsewhere.id]).size).toBe(3);
  });

  it('is nothing, a tombstone, for a customer without a raised flag', () => {
    expect(riskCurrentEnvelope(tenant, customer, [], 3, now)).toBeNull();
    expect(riskCurrentEnvelope(tenant, customer, [{ ...raised, state: 'pending' }], 3, now)).toBeNull();
  });

  it.each<[FlagState, FlagState, string]>([
    ['clear', 'pending', 'pending'],
    ['pending', 'clear', 'lapsed'],
    ['pending', 'firing', 'raised'],
    ['clear', 'firing', 'raised'],
    ['firing', 'recovering', 'recovering'],
    ['recovering', 'firing', 'relapsed'],
    ['recovering', 'clear', 'cleared'],
    ['firing', 'clear', 'cleared'],
    ['firing', 'retracted', 'retracted'],
    ['retracted', 'firing', 'raised'],
  ])('%s to %s is called %s', (from, to, name) => {
    expect(transitionType({ from, to, amends: null, becameDueAt: now })).toBe(`dev.churnwatch.risk.${name}`);
  });
});

describe('the courier', () => {
  it.each([
    ['with its alert', alert],
    ['without one', null],
  ])('reads a transition back %s', (_what, sent) => {
    const reading = decodeTransition(encodeEnvelope(transitionEnvelope(transition, sent)));
    expect(reading).toEqual({ kind: 'read', transition, alert: sent });
  });

  it.each([
    ['no JSON', '{', 'the record is no JSON'],
    ['another CloudEvent', JSON.stringify(actionEnvelope(alert)), 'type'],
    ['no tenant', JSON.stringify({ ...transitionEnvelope(transition, null), tenant: undefined }), 'tenant'],
    ['null', 'null', ''],
  ])('tells of %s', (_what, sent, detail) => {
    const reading = decodeTransition(Buffer.from(sent));
    expect(reading).toMatchObject({ kind: 'unreadable', detail: expect.stringContaining(detail) as string });
  });

  it('ignores members that a later version may add', () => {
    const later = { ...transitionEnvelope(transition, alert), traceparent: '00-1-2-01' };
    expect(decodeTransition(Buffer.from(JSON.stringify(later))).kind).toBe('read');
  });
});

describe('events of the CloudEvents SDK', () => {
  const made = new CloudEvent({
    id: 'sdk-1',
    source: '/shop/app',
    type: 'order',
    subject: customer,
    time: '2026-03-01T11:59:00Z',
    data: { amount: 3 },
  });
  const expected = {
    kind: 'admitted',
    event: { id: 'sdk-1', customer, type: 'order', amount: 3, occurredAt: Date.UTC(2026, 2, 1, 11, 59) },
  };
  const headersOf = (headers: object): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([, value]) => typeof value === 'string'));

  it.each([
    ['Kafka, structured', Kafka.structured(made)],
    ['Kafka, binary', Kafka.binary(made)],
    ['HTTP, structured', HTTP.structured(made)],
  ])('are admitted from %s', (_how, message) => {
    const sent = 'value' in message ? message.value : message.body;
    const body = typeof sent === 'string' ? sent : JSON.stringify(sent);
    expect(decodeEvent(Buffer.from(body), headersOf(message.headers), arrival)).toMatchObject(expected);
  });

  it('and the SDK reads ours', () => {
    const read = HTTP.toEvent({
      headers: { 'content-type': 'application/cloudevents+json' },
      body: Buffer.from(encodeEvent(event)).toString(),
    }) as CloudEvent<Record<string, unknown>>;
    expect(read.validate()).toBe(true);
    expect([read.id, read.subject, read['tenant'], read.data?.['amount']]).toEqual(['e1', customer, 'acme', 42.5]);
  });
});

describe('the schema of events', () => {
  const validate = aValidator(schemaFile('event'));

  it('holds for what the gateway writes into the log', () => {
    expect(validate(parsed(encodeEvent(event)))).toEqual([]);
  });

  it.each([
    [{ id: 'x', type: 'order', subject: 'ada' }],
    [{ id: 'x', type: 'order', subject: 'ada', data: { amount: null, platform: null } }],
    [{ id: 'x', type: 'order' }],
    [{ id: 'x', type: 'order', subject: '' }],
    [{ id: 7, type: 'order', subject: 'ada' }],
    [{ id: 'x', type: 'no such', subject: 'ada' }],
    [{ id: 'x', type: 'order', subject: 'ada', time: 'noon' }],
    [{ id: 'x', type: 'order', subject: 'ada', time: '2026-03-01T12:00:00+08:00' }],
    [{ id: 'x', type: 'order', subject: 'ada', specversion: '0.3' }],
    [{ id: 'x', type: 'order', subject: 'ada', data: { amount: '3' } }],
    [{ id: 'x', type: 'order', subject: 'ada', data: { appVersion: 2 } }],
    [{ id: 'x', type: 'order', subject: 'ada', data: [] }],
    [{ id: 'x', type: 'order', subject: 'ada', data: { attributes: 1 } }],
    [{ id: 'x'.repeat(201), type: 'order', subject: 'ada' }],
  ])('says of %j what admission says', (candidate) => {
    const admission = decodeEvent(Buffer.from(JSON.stringify(candidate)), {}, arrival);
    expect([candidate, validate(candidate).length === 0]).toEqual([candidate, admission.kind === 'admitted']);
  });

  it('is one of six', () => {
    const names = ['event', 'risk-transition', 'risk-current', 'customer-stage', 'action', 'incident', 'dead-letter'];
    expect(Object.keys(wireSchemas)).toEqual(names);
  });
});
