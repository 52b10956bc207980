import type { AlertItem, IncidentAnswer, IncidentsAnswer } from '#contracts';
import { HOUR, MINUTE, plus } from '#domain';
import { noFeedVouches } from '#pipeline';
import type { Person } from '../support/outage-world.js';
import { endsAt, heardFrom, leavers, OutageWorld, returners, silentFrom, spared } from '../support/outage-world.js';
import { until } from '../support/standalone.js';

const names = (...people: readonly (readonly Person[])[]) =>
  people
    .flat()
    .map(({ name }) => name)
    .sort();
const stepMs = 15 * MINUTE;

describe('a version of the app of which nothing arrives for six hours', () => {
  const world = new OutageWorld();
  beforeAll(() => world.begin(), 180_000);
  afterAll(() => world.end());

  const incidents = async () => ((await world.get('/v1/incidents')) as IncidentsAnswer).items;
  const alerted = async () => {
    const { items } = (await world.get('/v1/alerts?limit=200')) as { readonly items: AlertItem[] };
    return items.map(({ customer }) => customer).sort();
  };

  it('is one incident within the hour, of that version on all its channels', async () => {
    await world.go(silentFrom, stepMs);
    expect(await incidents()).toEqual([]);
    await world.go(plus(silentFrom, HOUR), stepMs);
    expect(await incidents()).toMatchObject([
      { state: 'open', kinds: ['silent'], extent: { appVersion: '5.2.0', platform: '', channel: '' } },
    ]);
  }, 180_000);

  it('tells of nobody who may have been there, and at once of those whose version is heard', async () => {
    await world.go(plus(silentFrom, 4 * HOUR), stepMs);
    expect(await alerted()).toEqual(names(leavers, returners, spared));
    await world.deliver();
    await until('the mails of those whose version is heard', () => world.mailed().size === spared.length);
    await world.go(heardFrom, stepMs);
    await world.deliver();
    expect([...world.mailed()].sort()).toEqual(names(spared));
    expect((await incidents()).map(({ state, kinds }) => [state, kinds])).toEqual([['open', ['silent']]]);
  }, 180_000);

  it('is over when the version is heard again: who left is told of, who was there is not', async () => {
    await world.go(endsAt, stepMs);
    const all = await incidents();
    expect(all).toMatchObject([{ state: 'closed' }]);
    const { customers } = (await world.get(`/v1/incidents/${all[0]!.id}`)) as IncidentAnswer;
    expect(customers.length).toBeGreaterThan(0);
    await world.deliver();
    await until('the mails of those who left', () => world.mailed().size >= spared.length + leavers.length);
    await world.deliver();
    expect([...world.mailed()].sort()).toEqual(names(leavers, spared));
  }, 180_000);
});

it('would tell of those who were there if nobody asked how far their version has been heard', async () => {
  const world = new OutageWorld(noFeedVouches);
  try {
    await world.begin();
    await world.go(plus(silentFrom, 4 * HOUR), stepMs);
    await world.deliver();
    await until('the mails', () => world.mailed().size === leavers.length + returners.length + spared.length);
    expect([...world.mailed()].sort()).toEqual(names(leavers, returners, spared));
  } finally {
    await world.end();
  }
}, 300_000);
