import { decodeEvent, defaultAdmissionLimits, readEvent, topics } from '#contracts';
import { ChurnError, epochMs, tenantId } from '#domain';
import { admitter } from './admit.js';
import type { ItemReader } from './admit.js';
import type { Observation } from '../ports/observer.js';
import { MemoryLog } from '../testing/memory-log.js';

const now = epochMs(Date.UTC(2026, 2, 1));
const tenant = tenantId('default');
const item =
  (type: string, id: string, subject = 'ada'): ItemReader =>
  (circumstances) =>
    readEvent({ specversion: '1.0', id, source: 'app', type, subject }, circumstances);

function aGateway() {
  const log = new MemoryLog();
  const seen: Observation[] = [];
  const admit = admitter({
    log,
    clock: { now: () => now },
    observe: (observation) => seen.push(observation),
    limits: defaultAdmissionLimits,
  });
  return { log, seen, admit };
}

describe('admitting a request', () => {
  it('appends each event to the topic of its family, keyed by customer, in one append per topic', async () => {
    const { log, admit } = aGateway();
    await admit(tenant, [
      item('app_open', '1'),
      item('order', '2', 'bob'),
      item('login', '3'),
      item('nps_answered', '4'),
    ]);
    expect(log.appends).toBe(3);
    expect(log.written(topics.activity.name).map(({ key }) => key)).toEqual(['ada', 'ada']);
    expect(log.written(topics.transaction.name).map(({ key }) => key)).toEqual(['bob']);
    expect(log.written(topics.feedback.name)).toHaveLength(1);
  });

  it('writes what the tracker reads back', async () => {
    const { log, admit } = aGateway();
    const [admission] = await admit(tenant, [item('app_open', '1')]);
    const [message] = log.written(topics.activity.name);
    const circumstances = { ...defaultAdmissionLimits, tenant, now, receivedAt: epochMs(0), trusted: true };
    expect(decodeEvent(message!.value!, message!.headers ?? {}, circumstances)).toEqual(admission);
  });

  it('answers in the order of the items and tells the observer of both kinds', async () => {
    const { seen, admit } = aGateway();
    const admissions = await admit(tenant, [item('quux', '1'), item('app_open', '2'), item('login', '')]);
    expect(admissions.map((a) => (a.kind === 'admitted' ? a.event.id : a.reason))).toEqual([
      'unknown-type',
      '2',
      'invalid',
    ]);
    expect(seen).toEqual([
      { kind: 'rejected', reason: 'unknown-type', count: 1, by: 'gateway' },
      { kind: 'rejected', reason: 'invalid', count: 1, by: 'gateway' },
      { kind: 'admitted', family: 'activity', count: 1 },
    ]);
  });

  it('does not touch the log when nothing was admitted', async () => {
    const { log, admit } = aGateway();
    await admit(tenant, [item('quux', '1')]);
    expect(log.appends).toBe(0);
  });

  it('fails as a whole when one topic cannot be written, and counts only what was', async () => {
    const { log, seen, admit } = aGateway();
    log.down.add(topics.transaction.name);
    const attempt = admit(tenant, [item('order', '1'), item('app_open', '2')]);
    await expect(attempt).rejects.toBeInstanceOf(ChurnError);
    await expect(attempt).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    expect(seen).toEqual([{ kind: 'admitted', family: 'activity', count: 1 }]);
  });
});
