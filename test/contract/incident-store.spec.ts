import type { ActivityEvent, EventType, Incident } from '#domain';
import { customerId, DAY, epochMs, failureKinds, HOUR, incidentId, MINUTE, plus, SECOND, tenantId } from '#domain';
import { ClickHouseIncidentStore } from '#clickhouse';
import type { IncidentStore } from '#pipeline';
import { MemoryIncidentStore } from '#pipeline/testing';
import { z } from 'zod';
import { takeFence } from '../../libs/clickhouse/src/fence.js';
import { Random } from '../../libs/simulator/src/random.js';
import { EmbeddedStore } from '../support/embedded-store.js';

const tenant = tenantId('default');
const now = epochMs(Date.UTC(2026, 2, 30, 9, 17));
const types: readonly EventType[] = [
  ...failureKinds,
  'app_open',
  'session_start',
  'login',
  'payment',
  'order',
  'search',
];

/** Of four weeks, most of them in the last days and hours. */
function someEvents(): readonly ActivityEvent[] {
  const random = new Random(5);
  const spans = [2 * HOUR, 3 * DAY, 29 * DAY];
  return Array.from({ length: 3_000 }, (_, n) => {
    const at = plus(now, -random.whole(0, random.pick(spans)));
    const platform = random.pick(['ios', 'android', '']);
    return {
      tenant: random.chance(0.05) ? tenantId('other') : tenant,
      id: String(n),
      source: 'app',
      type: random.pick(types),
      customer: customerId(`c${random.whole(0, 60)}`),
      occurredAt: at,
      receivedAt: plus(at, random.whole(0, 5 * SECOND)),
      amount: random.chance(0.5) ? random.whole(1, 100) : null,
      platform,
      channel: platform === 'android' ? random.pick(['baidu', '360']) : '',
      appVersion: random.pick(['5.1.0', '5.2.0']),
      attributes: {},
    };
  });
}

const anywhere = { appVersion: '', platform: '', channel: '' };
const anIncident = (more: Partial<Incident> = {}): Incident => ({
  id: incidentId('i1'),
  revision: 1,
  tenant,
  kinds: ['crash', 'freeze'],
  extent: { appVersion: '5.2.0', platform: 'android', channel: '' },
  state: 'open',
  beganAt: plus(now, -HOUR),
  detectedAt: now,
  endedAt: null,
  endDetectedAt: null,
  failing: 12,
  active: 30,
  norm: 0.0125,
  affected: 14,
  valueAtRisk: 99.5,
  cameBack: null,
  ...more,
});

const embedded = new EmbeddedStore('test_incidents');
const memory = new MemoryIncidentStore();
const store = (): ClickHouseIncidentStore => new ClickHouseIncidentStore(embedded.store);
beforeAll(async () => {
  await embedded.migrate();
  const events = someEvents();
  for (let n = 0; n < events.length; n += 500) await embedded.fold(events.slice(n, n + 500));
  memory.fold(events);
}, 60_000);
afterAll(() => embedded.close());

const inOrder = (rows: readonly object[]): readonly string[] => rows.map((row) => stable(row)).sort();
const stable = (row: object): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

describe('what is counted', () => {
  it('is the same as an exact count: of the last hour', async () => {
    const counted = await store().quarters(now);
    expect(inOrder(counted)).toEqual(inOrder(await memory.quarters(now)));
    expect(counted.filter(({ failing }) => failing > 0).length).toBeGreaterThan(20);
  });

  it('and of the days and weeks before', async () => {
    const hour = epochMs(now - (now % HOUR));
    const counted = await store().past(hour);
    expect(inOrder(counted)).toEqual(inOrder(await memory.past(hour)));
    for (const period of ['day', 'week']) expect(counted.some((row) => row.period === period)).toBe(true);

    const over = { state: 'closed', endedAt: plus(now, -3 * HOUR), endDetectedAt: now } as const;
    const incidents = [
      anIncident({ ...over, id: incidentId('i4'), beganAt: plus(now, -2 * DAY) }),
      anIncident({
        ...over,
        id: incidentId('i5'),
        beganAt: plus(now, -7 * DAY),
        extent: { ...anywhere, platform: 'ios' },
      }),
    ];
    await store().append(incidents, await takeFence(embedded.store, 'sentinel/0/1'));
    await memory.append(incidents);
    const without = await store().past(hour);
    expect(inOrder(without)).toEqual(inOrder(await memory.past(hour)));
    const all = (rows: typeof counted) => rows.reduce((sum, { active }) => sum + active, 0);
    expect(all(without)).toBeLessThan(0.9 * all(counted));
    await embedded.store.command('TRUNCATE TABLE $db.incident_v1');
  });

  it('is whom an incident hit, what they had spent, and who came back', async () => {
    const incident = anIncident({ beganAt: plus(now, -3 * HOUR), endedAt: plus(now, -40 * MINUTE), state: 'closed' });
    for (const one of [incident, { ...incident, endedAt: null, extent: { ...incident.extent, channel: 'baidu' } }]) {
      const blast = await store().blast(one, one.endedAt);
      expect(blast).toEqual(await memory.blast(one, one.endedAt));
      expect(blast.affected).toBeGreaterThan(3);
      expect(await store().affected(one, 5)).toEqual(await memory.affected(one, 5));
    }
    expect((await store().blast(incident, incident.endedAt)).cameBack).toBeGreaterThan(0);
    const nobody = anIncident({ extent: { appVersion: '9', platform: '', channel: '' } });
    expect(await store().blast(nobody, null)).toEqual({ affected: 0, valueAtRisk: 0, lastFailedAt: null, cameBack: 0 });
  });

  it('is counted once, however often a chunk is folded', async () => {
    const events = async (): Promise<number> => {
      const sum = { name: 'sum', about: 'For this spec.', params: z.object({}), row: z.object({ events: z.number() }) };
      const sql = 'SELECT sum(events) AS events FROM $db.attendance_v1';
      const [row] = await embedded.store.rows({ ...sum, sql }, {});
      return row!.events;
    };
    const before = await events();
    expect(before).toBe(someEvents().filter(({ type }) => type !== 'search').length);
    const again = someEvents().slice(0, 500);
    for (const _ of [1, 2]) await embedded.foldChunk(again, 1_000_000);
    expect(await events()).toBe(before + again.filter(({ type }) => type !== 'search').length);
  });
});

describe('incidents', () => {
  const kept: [string, () => IncidentStore][] = [
    ['the store', store],
    ['memory', () => new MemoryIncidentStore()],
  ];

  it.each(kept)('%s shows each as its greatest revision, and what is open', async (_, open) => {
    const incidents = open();
    const fence = await takeFence(embedded.store, 'sentinel/0/1');
    const closed = anIncident({
      revision: 2,
      state: 'closed',
      endedAt: now,
      endDetectedAt: now,
      cameBack: 3,
      affected: 20,
    });
    const other = anIncident({ id: incidentId('i2'), beganAt: now, kinds: ['login_failed'] });
    await incidents.append([anIncident()], fence);
    await incidents.append([anIncident()], fence);
    expect(await incidents.open()).toEqual([anIncident()]);
    await incidents.append([closed, other], fence);
    expect(await incidents.open()).toEqual([other]);
    expect(await incidents.find(tenant, incidentId('i1'))).toEqual(closed);
    expect(await incidents.find(tenantId('other'), incidentId('i1'))).toBeNull();
    expect(await incidents.find(tenant, incidentId(''))).toBeNull();
    expect(await incidents.list(tenant, { limit: 10 })).toEqual([other, closed]);
    expect(await incidents.list(tenant, { limit: 1 })).toEqual([other]);
    expect(await incidents.list(tenant, { limit: 10, state: 'closed' })).toEqual([closed]);
    await incidents.markPublished([anIncident(), other], now);
    expect(await incidents.unpublished()).toEqual([closed]);
  });

  it('are not stored by who has lost the partition', async () => {
    const lost = await takeFence(embedded.store, 'sentinel/0/1');
    await takeFence(embedded.store, 'sentinel/0/1');
    const append = store().append([anIncident({ id: incidentId('i3') })], lost);
    await expect(append).rejects.toMatchObject({ code: 'FENCED' });
    expect(await store().find(tenant, incidentId('i3'))).toBeNull();
  });
});
