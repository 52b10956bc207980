import type { ActivityEvent, EpochMs, EventType, Extent, Incident } from '#domain';
import { ChurnError, customerId, DAY, epochMs, extentText, HOUR, MINUTE, plus, tenantId } from '#domain';
import { topics } from '#contracts';
import { IncidentWatch } from './incident-watch.js';
import type { Observation } from '../ports/observer.js';
import { MemoryIncidentStore } from '../testing/memory-incident-store.js';
import { MemoryLog } from '../testing/memory-log.js';

const tenant = tenantId('default');
const t0 = epochMs(Date.UTC(2026, 2, 11, 12));
const fence = { resource: 'sentinel/0/1', generation: 1, owner: 'a' };
const cells: readonly Extent[] = ['5.1.0', '5.2.0'].flatMap((appVersion) =>
  ['baidu', '360'].map((channel) => ({ appVersion, platform: 'android', channel })),
);
/** Twenty customers of each cell. */
const people = cells.flatMap((cell) => Array.from({ length: 20 }, (_, n) => ({ ...cell, n })));
type Person = (typeof people)[number];

let count = 0;
const anEvent = ({ n, ...cell }: Person, type: EventType, at: EpochMs): ActivityEvent => ({
  tenant,
  id: String(count++),
  source: 'app',
  type,
  customer: customerId(`${cell.appVersion}-${cell.channel}-${n}`),
  occurredAt: at,
  receivedAt: at,
  amount: null,
  attributes: {},
  ...cell,
});

/** Everybody comes every quarter of an hour and has done so for three days; who fails at what, the test says. */
class World {
  readonly store = new MemoryIncidentStore();
  readonly log = new MemoryLog();
  readonly seen: Observation[] = [];
  now = t0;
  fails: (person: Person) => readonly EventType[] = () => [];
  isThere: (person: Person) => boolean = () => true;
  watch = this.aWatch();

  constructor() {
    for (let at = plus(t0, -3 * DAY); at < t0; at = plus(at, 3 * HOUR))
      this.store.fold(people.map((person) => anEvent(person, 'app_open', at)));
  }

  aWatch(): IncidentWatch {
    const { store, log } = this;
    const clock = { now: () => this.now };
    return new IncidentWatch({
      store,
      log,
      clock,
      observer: (seen) => void this.seen.push(seen),
      limits: { fromCustomers: 10 },
    });
  }

  async go(minutes: number): Promise<void> {
    for (let n = 0; n < minutes; n++) {
      const minute = Math.floor(this.now / MINUTE) % 15;
      for (const person of people) {
        if (person.n % 15 !== minute || !this.isThere(person)) continue;
        this.store.fold(['app_open' as const, ...this.fails(person)].map((type) => anEvent(person, type, this.now)));
      }
      this.now = plus(this.now, MINUTE);
      await this.watch.look(this.now, fence);
    }
  }

  get rows(): readonly string[] {
    return this.store.rows.map(
      ({ revision, state, kinds, extent }) => `${revision} ${state} ${kinds.join('+')} ${extentText(extent)}`,
    );
  }
  get told(): readonly string[] {
    return this.log
      .written(topics.incident.name)
      .map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { readonly id: string }).id.slice(-2));
  }
}
const newest = (world: World): Incident => world.store.rows.at(-1)!;
const is = (wanted: Partial<Extent>) => (person: Person) =>
  Object.entries(wanted).every(([dimension, value]) => person[dimension as keyof Extent] === value);

it('opens one incident for one cause, whatever else the same customers fail at, and tells of each change once', async () => {
  const world = new World();
  world.fails = (person) => (is({ appVersion: '5.2.0' })(person) ? ['crash'] : []);
  await world.go(15);
  world.fails = (person) => (is({ appVersion: '5.2.0' })(person) ? ['crash', 'login_failed'] : []);
  await world.go(15);
  const rows = world.rows.filter((row) => !row.startsWith('1 '));
  expect(world.rows[0]).toBe('1 open crash 5.2.0');
  expect(rows).toContain(`${newest(world).revision} open crash+login_failed 5.2.0`);
  expect(new Set(world.store.rows.map(({ id }) => id)).size).toBe(1);
  expect(world.told).toEqual(world.store.rows.map(({ revision }) => `/${revision}`));
  const changes = world.seen.flatMap((seen) => (seen.kind === 'incident' ? [seen.change] : []));
  expect(changes).toEqual(['opened', ...rows.map(() => 'updated')]);
});

it('grows with its cause under the same id', async () => {
  const world = new World();
  world.fails = (person) => (is({ appVersion: '5.2.0', channel: 'baidu' })(person) ? ['crash'] : []);
  await world.go(15);
  expect(world.rows[0]).toBe('1 open crash 5.2.0 × baidu');
  world.fails = () => ['crash'];
  await world.go(30);
  expect(extentText(newest(world).extent)).toBe('everybody');
  expect(new Set(world.store.rows.map(({ id }) => id)).size).toBe(1);
});

it('opens two for two causes that have nothing in common', async () => {
  const world = new World();
  const [one, other] = [is({ appVersion: '5.1.0', channel: '360' }), is({ appVersion: '5.2.0', channel: 'baidu' })];
  world.fails = (person) => (one(person) ? ['crash'] : []);
  await world.go(20);
  world.fails = (person) => (one(person) || other(person) ? ['crash'] : []);
  await world.go(40);
  const open = await world.store.open();
  expect(open.map(({ extent }) => extentText(extent)).sort()).toEqual(['5.1.0 × 360', '5.2.0 × baidu']);
});

it('goes on with the same incident after a take-over, and is closed once', async () => {
  const world = new World();
  world.fails = (person) => (is({ channel: '360' })(person) ? ['freeze'] : []);
  await world.go(10);
  world.watch = world.aWatch();
  await world.go(10);
  world.watch.forget();
  world.fails = () => [];
  await world.go(60);
  const states = world.store.rows.map(({ state }) => state);
  expect(states.filter((state) => state === 'closed')).toHaveLength(1);
  expect(states.at(-1)).toBe('closed');
  const { endedAt, endDetectedAt, affected, cameBack } = newest(world);
  expect(Math.abs(endedAt! - t0 - 20 * MINUTE)).toBeLessThanOrEqual(15 * MINUTE);
  expect(endDetectedAt! - t0).toBeLessThanOrEqual(60 * MINUTE);
  expect([affected, cameBack]).toEqual([40, 40]);
});

describe('when nobody is left where it was', () => {
  const gone = async () => {
    const world = new World();
    world.fails = (person) => (is({ appVersion: '5.2.0' })(person) ? ['crash'] : []);
    await world.go(30);
    world.isThere = (person) => !is({ appVersion: '5.2.0' })(person);
    world.fails = () => [];
    await world.go(60);
    return world;
  };

  it('stays open, and is over a day later', async () => {
    const world = await gone();
    expect(newest(world).state).toBe('open');
    await world.go(22 * 60);
    expect(newest(world).state).toBe('open');
    await world.go(3 * 60);
    expect(newest(world)).toMatchObject({ state: 'closed', cameBack: 0 });
  });

  it('is over minutes after those it hit are there again, with another version', async () => {
    const world = await gone();
    const hit = people.filter(is({ appVersion: '5.2.0' })).slice(0, 6);
    world.store.fold(hit.map((person) => ({ ...anEvent(person, 'app_open', world.now), appVersion: '5.2.1' })));
    await world.go(6);
    expect(newest(world)).toMatchObject({ state: 'closed', cameBack: 6 });
  });
});

it('says nothing of who is known for less than two days', async () => {
  const world = new World();
  const young = new MemoryIncidentStore();
  Object.assign(world, { store: young });
  world.watch = world.aWatch();
  world.fails = () => ['crash'];
  await world.go(60);
  expect(young.rows).toEqual([]);
});

describe('a look that fails', () => {
  const spiked = () => {
    const world = new World();
    world.fails = () => ['crash'];
    return world;
  };

  it('holds up nobody, is said once, and is made good', async () => {
    const world = spiked();
    const quarters = world.store.quarters.bind(world.store);
    world.store.quarters = async () => {
      throw new ChurnError('STORE_UNAVAILABLE', 'away', { retryable: true });
    };
    await world.go(20);
    expect(world.store.rows).toEqual([]);
    world.store.quarters = quarters;
    await world.go(2);
    expect(world.rows[0]).toBe('1 open crash everybody');
    const said = world.seen.flatMap((seen) => (seen.kind === 'incidents-looked-for' ? [seen.failure === null] : []));
    expect(said).toEqual([false, true]);
  });

  it('opens nothing twice when the answer to storing it was lost, and tells of it later when the log was away', async () => {
    const world = spiked();
    const append = world.store.append.bind(world.store);
    let isLost = true;
    world.store.append = async (incidents) => {
      await append(incidents);
      if (isLost) throw new ChurnError('STORE_UNAVAILABLE', 'mute', { retryable: true });
    };
    world.log.down.add(topics.incident.name);
    // Who owns the share takes it anew, so that nothing is on its way any more.
    await expect(world.go(20)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    world.watch.forget();
    expect(new Set(world.store.rows.map(({ id }) => id)).size).toBe(1);
    isLost = false;
    await world.go(5);
    expect(world.told).toEqual([]);
    world.log.down.clear();
    await world.go(2);
    expect(new Set(world.told).size).toBe(new Set(world.store.rows.map(({ revision }) => revision)).size);
    expect(await world.store.unpublished()).toEqual([]);
  });

  it('holds up nobody either when the store refuses its rows', async () => {
    const world = spiked();
    world.store.append = async () => {
      throw new ChurnError('STORE_REFUSED', 'no such column');
    };
    await world.go(20);
    expect(world.seen.filter(({ kind }) => kind === 'incidents-looked-for')).toHaveLength(1);
  });

  it('throws on that somebody else has taken over', async () => {
    const world = spiked();
    world.store.append = async () => {
      throw new ChurnError('FENCED', 'somebody else');
    };
    await expect(world.go(20)).rejects.toMatchObject({ code: 'FENCED' });
  });
});
