import { incidentAnswer, incidentsAnswer } from '#contracts';
import type { ActivityEvent, EventType, Incident } from '#domain';
import { customerId, HOUR, incidentId, isoOf, MINUTE, plus, tenantId } from '#domain';
import { now, RunningGateway } from './testing/running-gateway.js';

const gateway = new RunningGateway();
const tenant = tenantId('default');
const began = plus(now, -3 * HOUR);
const extent = { appVersion: '5.2.0', platform: '', channel: 'baidu' };
const closed: Incident = {
  id: incidentId('i1'),
  revision: 2,
  tenant,
  kinds: ['login_failed'],
  extent,
  state: 'closed',
  beganAt: began,
  detectedAt: plus(began, 8 * MINUTE),
  endedAt: plus(began, HOUR),
  endDetectedAt: plus(began, 90 * MINUTE),
  failing: 12,
  active: 30,
  norm: 0.01,
  affected: 2,
  valueAtRisk: 0,
  cameBack: 0,
};
const open: Incident = { ...closed, id: incidentId('i2'), revision: 1, state: 'open', beganAt: now, endedAt: null };
const anEvent = (customer: string, type: EventType, at: number): ActivityEvent => ({
  tenant,
  id: `${customer}-${type}`,
  source: 'app',
  type,
  customer: customerId(customer),
  occurredAt: plus(began, at),
  receivedAt: plus(began, at),
  amount: null,
  platform: 'android',
  channel: 'baidu',
  appVersion: '5.2.0',
  attributes: {},
});

beforeAll(async () => {
  await gateway.start();
  await gateway.incidents.append([{ ...closed, revision: 1, state: 'open', endedAt: null }, closed, open]);
  gateway.incidents.fold([
    ...['ada', 'bea'].map((customer) => anEvent(customer, 'login_failed', 5 * MINUTE)),
    anEvent('ada', 'login', 2 * HOUR),
  ]);
});
afterAll(() => gateway.stop());

it('lists incidents, those that began last first, each as it is now', async () => {
  const { items } = incidentsAnswer.parse((await gateway.get('/v1/incidents')).body);
  expect(items).toMatchObject([
    { id: 'i2', state: 'open', endedAt: null },
    { id: 'i1', revision: 2, state: 'closed', extent, rate: 0.4, norm: 0.01, endedAt: isoOf(plus(began, HOUR)) },
  ]);
  const only = incidentsAnswer.parse((await gateway.get('/v1/incidents?state=open')).body);
  expect(only.items.map(({ id }) => id)).toEqual(['i2']);
  expect((await gateway.get('/v1/incidents?state=lost')).status).toBe(400);
});

it('tells of one whom it hit, and who has come back by now', async () => {
  const answer = incidentAnswer.parse((await gateway.get('/v1/incidents/i1')).body);
  expect(answer.now).toEqual({ affected: 2, valueAtRisk: 0, cameBack: 1, stayAway: 1 });
  expect(answer.customers.map(({ customer, seenSince }) => [customer, seenSince])).toEqual([
    ['ada', isoOf(plus(began, 2 * HOUR))],
    ['bea', null],
  ]);
});

it('answers 404 for one that never was', async () => {
  expect((await gateway.get('/v1/incidents/nothing')).status).toBe(404);
});
