import type { Alert, EpochMs } from '#domain';
import { alertId, customerId, DAY, epochMs, incidentId, ruleId, tenantId } from '#domain';
import { Courier } from './deliver.js';
import type { Channel } from '../ports/channel.js';
import type { Observation } from '../ports/observer.js';
import { HandTurnedTime } from '../testing/hand-turned-time.js';
import { MemoryDeliveryLog } from '../testing/memory-delivery-log.js';

const t0 = epochMs(Date.UTC(2026, 2, 2, 9));
const text = { en: 'x', zh: 'x' };
const anAlert = (id: string, rule = 'login', detectedAt: EpochMs = t0): Alert => ({
  id: alertId(id),
  kind: 'alert',
  retracts: null,
  tenant: tenantId('t'),
  customer: customerId(`customer-${id}`),
  rule: ruleId(rule),
  ruleVersion: 'r1',
  episode: 1,
  severity: 'high',
  reason: 'x',
  title: text,
  text,
  playbook: { id: 'call', title: text, action: text, owner: 'o', dueAt: t0 },
  evidence: {},
  becameDueAt: detectedAt,
  detectedAt,
});

/** An outbox, an open incident that hit customer a, and couriers over them. */
function aWorld() {
  const time = new HandTurnedTime(t0);
  const log = new MemoryDeliveryLog();
  const seen: string[] = [];
  const observed: Observation[] = [];
  let works = true;
  const mail: Channel = {
    name: 'email',
    deliver: async ({ id }) => {
      seen.push(id);
      return works
        ? { kind: 'delivered', receipt: 'thanks' }
        : { kind: 'retry', reason: 'deferred', detail: 'SMTP 451' };
    },
    close: async () => {},
  };
  const incident = { id: incidentId('i1'), kinds: ['login_failed'] as const, customers: ['customer-a'] };
  log.incidents.push(incident);
  const aCourier = () =>
    new Courier(
      {
        channels: [mail],
        log,
        clock: time,
        scheduler: time,
        random: () => 0.5,
        observer: (seen) => void observed.push(seen),
        explains: ({ kinds }, { rule }) => rule === 'login' && kinds.includes('login_failed'),
      },
      { concurrency: 5, ttlMs: 7 * DAY, queue: 1_000 },
    );
  const over = () => void log.incidents.splice(0);
  return { time, log, seen, observed, aCourier, over, fails: () => void (works = false) };
}
const settled = (time: HandTurnedTime) => time.advance('0s');
const states = (log: MemoryDeliveryLog, alert: Alert) =>
  log.of(alert, 'email').map(({ number, state, reason }) => [number, state, reason]);

describe('an alert that an open incident explains', () => {
  it('waits, names the incident, and goes out when that is over', async () => {
    const { time, log, seen, observed, aCourier, over } = aWorld();
    const [hit, spared, other] = [anAlert('a'), anAlert('b'), anAlert('a2', 'complaint')];
    log.raise(hit, spared, { ...other, customer: hit.customer });
    const courier = aCourier();
    await courier.nudge([hit, spared, other]);
    await time.advance('2h');
    for (let n = 0; n < 3; n++) await courier.sweep();
    expect(seen.toSorted()).toEqual(['a2', 'b']);
    expect(log.of(hit, 'email')).toMatchObject([
      { number: 0, state: 'retrying', reason: 'incident', incident: 'i1', retryAt: null, mayHaveArrived: false },
    ]);
    expect(log.of(hit, 'email')[0]!.detail).toContain('incident i1');
    expect(observed).toContainEqual({ kind: 'held-back', channel: 'email', count: 1 });
    over();
    await courier.sweep();
    await settled(time);
    expect(seen).toContain('a');
    expect(states(log, hit)).toEqual([
      [0, 'retrying', 'incident'],
      [1, 'delivered', null],
    ]);
  });

  it('goes out also when another process has to see that it is over', async () => {
    const { time, log, seen, aCourier, over } = aWorld();
    const hit = anAlert('a');
    log.raise(hit);
    await aCourier().sweep('all');
    expect(seen).toEqual([]);
    over();
    await aCourier().sweep('all');
    await settled(time);
    expect(seen).toEqual(['a']);
  });

  it('is given up, naming the incident, when the flag is down before it is over', async () => {
    for (const isOver of [false, true]) {
      const { time, log, seen, aCourier, over } = aWorld();
      const hit = anAlert('a');
      log.raise(hit);
      const courier = aCourier();
      await courier.nudge([hit]);
      log.resolve(hit);
      if (isOver) over();
      await (isOver ? aCourier() : courier).sweep('all');
      await settled(time);
      expect(seen).toEqual([]);
      expect(log.of(hit, 'email').at(-1)).toMatchObject({ number: 1, state: 'given-up', reason: 'incident' });
      expect(log.of(hit, 'email').at(-1)!.detail).toContain('incident i1');
    }
  });

  it('is held back also between two tries, and then goes on where it was', async () => {
    const { time, log, seen, aCourier, over, fails } = aWorld();
    const [incident] = log.incidents.splice(0);
    fails();
    const hit = anAlert('a');
    log.raise(hit);
    const courier = aCourier();
    await courier.nudge([hit]);
    await settled(time);
    expect(seen).toEqual(['a']);
    log.incidents.push(incident!);
    await courier.sweep();
    await time.advance('1d');
    expect(seen).toEqual(['a']);
    over();
    await courier.sweep();
    await settled(time);
    expect(states(log, hit)).toEqual([
      [1, 'retrying', 'deferred'],
      [1, 'retrying', 'incident'],
      [2, 'retrying', 'deferred'],
    ]);
  });

  it('expires as every alert does, and is withdrawn without having gone out', async () => {
    const { time, log, seen, aCourier } = aWorld();
    const [hit, wrong] = [anAlert('a'), { ...anAlert('w'), customer: customerId('customer-a') }];
    log.raise(hit, wrong);
    const courier = aCourier();
    await courier.nudge([hit, wrong]);
    log.raise({ ...wrong, id: alertId('r'), kind: 'retraction', retracts: wrong.id });
    await courier.sweep();
    await settled(time);
    expect(states(log, wrong).at(-1)).toEqual([1, 'given-up', 'retracted']);
    await time.advance('8d');
    expect(states(log, hit).at(-1)).toEqual([1, 'given-up', 'expired']);
    expect(seen).toEqual([]);
  });
});
