import type { AlertItem, IncidentAnswer, IncidentsAnswer } from '#contracts';
import { DAY, isoOf, MINUTE, plus } from '#domain';
import { brokenAt, fixedAt, isHit, people, releasedAt, ReleaseWorld } from '../support/release-world.js';
import { until } from '../support/standalone.js';

const hit = people.filter(isHit);
const back = hit.filter(({ comesBack }) => comesBack);
const spared = people.find(({ channel, appVersion }) => channel === 'baidu' && appVersion === '5.1.0')!;
const complainer = hit[0]!;

/** One who cannot log in for reasons of their own, and one of those hit whose complaint grows too old. */
const world = new ReleaseWorld([
  ...[1, 2, 3, 4, 5].map((n) => [spared, 'login_failed', plus(brokenAt, 30 * MINUTE + n * 7_000)] as const),
  [complainer, 'complaint_opened', plus(brokenAt, -3 * DAY + 45 * MINUTE)],
]);

/** A release after which nobody on one store's version can log in: what the reviews told of weeks later. */
describe('a release that locks the customers of one channel out', () => {
  beforeAll(() => world.begin(), 180_000);
  afterAll(() => world.end());

  const incidents = async () => ((await world.get('/v1/incidents')) as IncidentsAnswer).items;
  const incident = async () => (await world.get(`/v1/incidents/${(await incidents())[0]!.id}`)) as IncidentAnswer;
  const alertsOf = async (rule: string) => {
    const { items } = (await world.get(`/v1/alerts?limit=200&rule=${rule}`)) as { readonly items: AlertItem[] };
    return items;
  };
  const customersOf = (alerts: readonly AlertItem[]) => alerts.map(({ customer }) => customer).sort();
  const names = (some: typeof people) => some.map(({ name }) => name).sort();

  it('is one incident within a quarter of an hour, of exactly that version and channel', async () => {
    await world.go(brokenAt);
    expect(await incidents()).toEqual([]);
    await world.go(plus(brokenAt, 15 * MINUTE));
    expect(await incidents()).toMatchObject([
      {
        state: 'open',
        kinds: ['login_failed'],
        extent: { appVersion: '5.2.0', platform: '', channel: 'yingyongbao' },
        beganAt: isoOf(brokenAt),
        endedAt: null,
        cameBack: null,
      },
    ]);
  }, 180_000);

  it('is the same incident after a restart, with all whom it hit and what they had spent', async () => {
    const [before] = await incidents();
    await world.app.stop();
    await world.start();
    await world.go(plus(brokenAt, 60 * MINUTE));
    expect((await incidents()).map(({ id, state }) => [id, state])).toEqual([[before!.id, 'open']]);
    const { now, customers } = await incident();
    expect(now).toEqual({ affected: hit.length, valueAtRisk: hit.length * 10, cameBack: 0, stayAway: 0 });
    expect(customers.map(({ customer }) => customer).sort()).toEqual(names(hit));
  }, 180_000);

  it('holds back the alerts it explains, and no others', async () => {
    const alerts = await alertsOf('login-failure-spike');
    expect(customersOf(alerts)).toEqual(names([...hit, spared]));
    await world.deliver();
    const [{ id } = { id: '' }] = await incidents();
    await until('those alerts to be delivered that it does not explain', () => world.mailed().size === 2);
    expect([...world.mailed()].sort()).toEqual(names([spared, complainer]));
    const complaints = await alertsOf('complaint-open-too-long');
    expect(complaints.map(({ customer, deliveries }) => [customer, deliveries[0]?.state])).toEqual([
      [complainer.name, 'delivered'],
    ]);
    for (const { customer, deliveries } of await alertsOf('login-failure-spike')) {
      const isSpared = customer === spared.name;
      expect(deliveries.map(({ state, reason, incident: by }) => [state, reason, by])).toEqual(
        deliveries.map(() => (isSpared ? ['delivered', null, null] : ['retrying', 'incident', id])),
      );
    }
  }, 180_000);

  it('is over with the fix, and says who came back', async () => {
    await world.go(plus(fixedAt, 45 * MINUTE));
    const all = await incidents();
    expect(all).toHaveLength(1);
    const [closed] = all;
    expect(closed).toMatchObject({ state: 'closed', affected: hit.length });
    const lateMs = Date.parse(closed!.endedAt!) - fixedAt;
    expect(Math.abs(lateMs)).toBeLessThanOrEqual(15 * MINUTE);
    expect(closed!.cameBack).toBe(back.length);
    const { now, customers } = await incident();
    expect(now).toMatchObject({ cameBack: back.length, stayAway: hit.length - back.length });
    const seen = customers.filter(({ seenSince }) => seenSince !== null).map(({ customer }) => customer);
    expect(seen.sort()).toEqual(names(back));
  }, 180_000);

  it('lets the alerts go whose flags are still up', async () => {
    await world.deliver();
    await until('the mails', () => world.mailed().size === hit.length + 1, 60_000);
    expect([...world.mailed()].sort()).toEqual(names([...hit, spared]));
  }, 120_000);

  it('is told on the topic from beginning to end', async () => {
    const told = await world.told();
    expect(told.map(({ data }) => data.revision)).toEqual(told.map((_, index) => index + 1));
    const types = told.map(({ type }) => type.split('.').at(-1));
    expect([types[0], types.at(-1)]).toEqual(['opened', 'closed']);
    expect(types.slice(1, -1).every((type) => type === 'updated')).toBe(true);
    expect(told.at(-1)!.data).toEqual((await incidents())[0]);
    expect(Date.parse(told[0]!.data.detectedAt) - brokenAt).toBeLessThanOrEqual(15 * MINUTE);
    expect(releasedAt).toBeLessThan(brokenAt);
  });
});
