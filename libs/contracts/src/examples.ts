import { alertId, customerId, epochMs, incidentId, ruleId, tenantId } from '#domain';
import type { Alert, Incident, Transition } from '#domain';
import type { AdmitAnswer, CustomerAnswer, Problem } from './api.js';
import {
  alertBodyOf,
  deadLetterEnvelope,
  riskCurrentEnvelope,
  transitionEnvelope,
  actionEnvelope,
} from './envelopes.js';
import { incidentEnvelope } from './incidents.js';
import { stageEnvelope } from './stages.js';

// One customer's story, told alike in every published document.
const tenant = tenantId('default');
const ada = customerId('ada');
const rule = ruleId('silent-regular');
const dueAt = epochMs(Date.UTC(2026, 2, 1, 9, 30));
const detectedAt = epochMs(Date.UTC(2026, 2, 1, 9, 30, 0, 240));
const evidence = { days_silent: 21, usual_gap: 4.2 };

export const exampleEvent = {
  specversion: '1.0',
  id: '6f1c2a0e',
  source: 'shop-app',
  type: 'order',
  subject: 'ada',
  time: '2026-03-01T09:30:00Z',
  data: { amount: 42.5, platform: 'ios', channel: 'app-store', appVersion: '2.1.0', currency: 'EUR' },
};

const transition: Transition = {
  id: '0b4be6c1d7f04f2f9a4d8d3a6b1c7e55',
  sequence: 1,
  tenant,
  customer: ada,
  rule,
  ruleVersion: '5d41402a',
  episode: 1,
  from: 'clear',
  to: 'firing',
  becameDueAt: dueAt,
  detectedAt,
  severity: 'high',
  reason: 'gone-silent',
  evidence,
  clearedAt: null,
  amends: null,
};

const alert: Alert = {
  id: alertId('7b52009b64fd0a2a49e6d8a939753077'),
  kind: 'alert',
  retracts: null,
  tenant,
  customer: ada,
  rule,
  ruleVersion: '5d41402a',
  episode: 1,
  severity: 'high',
  reason: 'gone-silent',
  title: { en: 'A regular has gone silent', zh: '常客失联' },
  text: { en: 'no visit for 21 d (usual gap 4.2 d)', zh: '21 天未访问(平时间隔 4.2 天)' },
  playbook: {
    id: 'call-back',
    title: { en: 'Call back', zh: '回访' },
    action: { en: 'Call the customer and ask what is missing', zh: '致电客户,了解其需求' },
    owner: 'care',
    dueAt: epochMs(Date.UTC(2026, 2, 2, 9, 30)),
  },
  evidence,
  becameDueAt: dueAt,
  detectedAt,
};

export const exampleTransition = transitionEnvelope(transition, alert);
export const exampleRiskCurrent = riskCurrentEnvelope(
  tenant,
  ada,
  [
    {
      rule,
      ruleVersion: '5d41402a',
      severity: 'high',
      reason: 'gone-silent',
      state: 'firing',
      since: dueAt,
      episode: 1,
      sequence: 1,
    },
  ],
  1,
  detectedAt,
);
export const exampleStage = stageEnvelope({
  id: '51f0a3d2c7a94c2e8b1d6f3e0a9c4b77',
  sequence: 3,
  tenant,
  customer: ada,
  definition: '9f2c1e07ab34',
  from: 'active',
  to: 'slipping',
  becameDueAt: dueAt,
  detectedAt,
  amends: null,
});
export const exampleAction = actionEnvelope(alert);
const incident: Incident = {
  id: incidentId('3f1a9c52d07be6841f0c9d7a25b8e364'),
  revision: 3,
  tenant,
  kinds: ['login_failed'],
  extent: { appVersion: '5.2.0', platform: '', channel: 'yingyongbao' },
  state: 'closed',
  beganAt: epochMs(Date.UTC(2026, 2, 2, 9, 25)),
  detectedAt: epochMs(Date.UTC(2026, 2, 2, 9, 33)),
  endedAt: epochMs(Date.UTC(2026, 2, 2, 13, 40)),
  endDetectedAt: epochMs(Date.UTC(2026, 2, 2, 14, 6)),
  failing: 24,
  active: 61,
  norm: 0.012,
  affected: 412,
  valueAtRisk: 30_870.5,
  cameBack: 57,
};
export const exampleIncident = incidentEnvelope(incident);
export const exampleDeadLetter = deadLetterEnvelope({
  id: 'churnwatch.activity.v1/3/1742',
  reason: 'unknown-type',
  detail: 'type "app_opne" is not known: did you mean "app_open"?',
  topic: 'churnwatch.activity.v1',
  partition: 3,
  epoch: 0,
  offset: 1_742,
  key: 'ada',
  value: new TextEncoder().encode('{"id":"1","type":"app_opne","subject":"ada"}'),
  headers: { 'content-type': 'application/cloudevents+json' },
  at: detectedAt,
});

export const exampleAdmitted: AdmitAnswer = {
  accepted: 1,
  rejected: 1,
  items: [
    { index: 0, id: '6f1c2a0e', outcome: 'accepted' },
    {
      index: 1,
      id: '6f1c2a0f',
      outcome: 'rejected',
      reason: 'unknown-type',
      detail: 'type "app_opne" is not known: did you mean "app_open"?',
    },
  ],
};

export const exampleProblem: Problem = {
  type: '/errors/LOG_UNAVAILABLE',
  title: 'Service Unavailable',
  status: 503,
  detail: 'no broker answers. Send the same request again.',
  instance: '/v1/events',
  code: 'LOG_UNAVAILABLE',
};

export const exampleAlerts = {
  items: [
    {
      ...alertBodyOf(alert),
      deliveries: [
        {
          channel: 'email',
          state: 'delivered' as const,
          reason: null,
          attempts: 1,
          lastAt: '2026-03-01T09:30:01.020Z',
          detail: '250 accepted',
          incident: null,
        },
      ],
    },
  ],
  nextCursor: null,
};

export const exampleCustomer: CustomerAnswer = {
  customer: 'ada',
  asOf: '2026-03-01T09:31:00.000Z',
  firstSeenAt: '2025-06-02T08:00:00.000Z',
  lastSeenAt: '2026-02-08T09:30:00.000Z',
  windows: [{ day: '2026-02-08', type: 'order', count: 1, amount: 42.5 }],
  signals: evidence,
  lifecycle: { stage: 'slipping', since: '2026-03-01T09:30:00.000Z', usualGapDays: 4.2 },
  value: {
    asOf: '2026-03-01T00:00:00.000Z',
    tier: 'A',
    recency: 2,
    frequency: 5,
    monetary: 5,
    activeDays: 61,
    spend: 2_380.5,
  },
  flags: [
    {
      rule: 'silent-regular',
      muted: false,
      verdict: 'breach',
      state: 'firing',
      since: '2026-03-01T09:30:00.000Z',
      episode: 1,
      clearedAt: null,
    },
  ],
  timeline: [
    { at: '2026-02-08T09:30:00.000Z', kind: 'event', type: 'order', amount: 42.5, detail: { platform: 'ios' } },
  ],
};
