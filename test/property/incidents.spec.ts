import type { ActivityEvent, EpochMs, EventType, Extent } from '#domain';
import { customerId, DAY, epochMs, extentText, HOUR, isoOf, MINUTE, plus, tenantId } from '#domain';
import type { Observation } from '#pipeline';
import { MemoryIncidentStore, MemoryLog } from '#pipeline/testing';
import { IncidentWatch } from '../../libs/pipeline/src/incidents/incident-watch.js';
import { Random } from '../../libs/simulator/src/random.js';

const tenant = tenantId('default');
/** A Monday. */
const start = epochMs(Date.UTC(2026, 2, 2));
const fence = { resource: 'sentinel/0/1', generation: 1, owner: 'a' };

const channels: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  ios: [['app-store', 1]],
  android: [
    ['yingyongbao', 0.5],
    ['baidu', 0.3],
    ['360', 0.2],
  ],
};

interface BaseOptions {
  readonly seed: number;
  readonly days: number;
  readonly customers?: number;
  /** Sessions of a customer on a usual day. */
  readonly perDay?: number;
  /** From this day on customers take version 5.2.0, so many of them a day. */
  readonly rollout?: { readonly fromDay: number; readonly perDay: number };
}

/** How likely each failure is in a session or payment of somebody on channel 'baidu', which always was bad, and elsewhere. */
const usual: readonly (readonly [EventType, number, number])[] = [
  ['crash', 0.04, 0.01],
  ['freeze', 0.01, 0.01],
  ['login_failed', 0.03, 0.03],
  ['update_failed', 0.002, 0.002],
  ['payment_failed', 0.04, 0.04],
];

/** More sessions in the evening, hardly any at night, and on Monday mornings three times as many. */
function busyness(at: EpochMs): number {
  const hour = Math.floor((at % DAY) / HOUR);
  const isMonday = Math.floor((at - start) / DAY) % 7 === 0;
  if (isMonday && hour >= 8 && hour < 10) return 3;
  return hour < 6 ? 0.05 : hour < 18 ? 1 : 1.6;
}

/** What an ordinary base does, day after day, in the order in which it happens. */
function* base({ seed, days, customers = 800, perDay = 3, rollout }: BaseOptions): Generator<ActivityEvent> {
  const random = new Random(seed);
  const people = Array.from({ length: customers }, (_, n) => {
    const platform = random.chance(0.4) ? 'ios' : 'android';
    return { name: `c${n}`, platform, channel: random.weighted(channels[platform]!), updatesAt: random.unit() };
  });
  let count = 0;
  for (let at = start; at < start + days * DAY; at = plus(at, MINUTE)) {
    const sessions = random.poisson((customers * perDay * busyness(at)) / (24 * 60));
    for (let n = 0; n < sessions; n++) {
      const { name, platform, channel, updatesAt } = random.pick(people);
      const updated = rollout && (at - start) / DAY - rollout.fromDay > updatesAt / rollout.perDay;
      const appVersion = updated ? '5.2.0' : '5.1.0';
      const event = (type: EventType, seconds: number, amount: number | null = null): ActivityEvent => {
        const [id, occurredAt] = [String(count++), plus(at, seconds * 1_000)];
        return { ...aFailure(type, occurredAt, { name, appVersion, platform, channel }), id, amount };
      };
      yield event('app_open', 1);
      if (random.chance(0.1)) yield event('payment', 20, 10);
      for (const [type, onBaidu, elsewhere] of usual) {
        const isPayment = type === 'payment_failed';
        if (isPayment && !random.chance(0.1)) continue;
        if (random.chance(channel === 'baidu' ? onBaidu : elsewhere)) yield event(type, 30);
      }
    }
  }
}

/** The watch over events as they come in. */
class World {
  readonly store = new MemoryIncidentStore();
  readonly seen: Observation[] = [];
  readonly log = new MemoryLog();
  now = start;
  watch = this.aWatch();

  private aWatch(): IncidentWatch {
    return new IncidentWatch({
      store: this.store,
      log: this.log,
      clock: { now: () => this.now },
      observer: (seen) => void this.seen.push(seen),
      limits: { fromCustomers: 10 },
    });
  }

  restart(): void {
    this.watch = this.aWatch();
  }

  /** Plays events, and looks every so often from an instant on. */
  async play(
    events: Iterable<ActivityEvent>,
    until: EpochMs,
    everyMs: number,
    lookFrom: EpochMs = start,
  ): Promise<void> {
    let next = lookFrom;
    for (const event of events) {
      while (event.occurredAt >= next && next < until) {
        this.now = next;
        await this.watch.look(next, fence);
        next = plus(next, everyMs);
      }
      this.store.fold([event]);
    }
    for (; next <= until; next = plus(next, everyMs)) {
      this.now = next;
      await this.watch.look(next, fence);
    }
  }

  get incidents(): readonly string[] {
    return this.store.rows.map(
      ({ kinds, extent, state, detectedAt, failing, active }) =>
        `${kinds.join('+')} ${extentText(extent)} ${state} ${isoOf(detectedAt)} ${failing}/${active}`,
    );
  }
}

const quiet: readonly (readonly [string, BaseOptions])[] = [
  ['an ordinary month', { seed: 1, days: 30 }],
  ['another', { seed: 2, days: 30 }],
  ['a month with little traffic', { seed: 4, days: 30, customers: 60 }],
  ['nine days with much traffic', { seed: 5, days: 9, customers: 5_000 }],
  ['a slow rollout of a new version', { seed: 6, days: 20, rollout: { fromDay: 8, perDay: 0.1 } }],
  ['a quick rollout of a new version', { seed: 7, days: 12, rollout: { fromDay: 8, perDay: 2 } }],
];

describe('quiet times', () => {
  it.each(quiet)(
    '%s: no incident',
    async (_, options) => {
      const world = new World();
      await world.play(base(options), plus(start, options.days * DAY), 5 * MINUTE);
      expect(world.incidents).toEqual([]);
      expect(world.seen.filter(({ kind }) => kind === 'incidents').length).toBeGreaterThan(2_000);
    },
    120_000,
  );

  it('one customer who fails five hundred times in the night, and four who do so all night, are no incident', async () => {
    const from = plus(start, 8 * DAY + 2 * HOUR);
    const heavy = Array.from({ length: 500 }, (_, n) =>
      aFailure('login_failed', plus(from, n * 500), { name: 'heavy' }),
    );
    const stubborn = Array.from({ length: 480 }, (_, n) =>
      aFailure('login_failed', plus(from, n * 30_000 + 7), { name: `stubborn-${n % 4}` }),
    );
    const world = new World();
    await world.play(inOrder(base({ seed: 8, days: 9 }), heavy, stubborn), plus(start, 9 * DAY), MINUTE, from);
    expect(world.incidents).toEqual([]);
  });
});

function aFailure(
  type: EventType,
  at: EpochMs,
  { name, ...cell }: Partial<Extent> & { readonly name: string },
): ActivityEvent {
  const usualCell = { appVersion: '5.1.0', platform: 'android', channel: 'baidu' };
  const id = `${type}-${name}-${at}`;
  const what = { tenant, id, source: 'app', type, customer: customerId(name), amount: null, attributes: {} };
  return { ...what, occurredAt: at, receivedAt: at, ...usualCell, ...cell };
}

function inOrder(...streams: readonly Iterable<ActivityEvent>[]): readonly ActivityEvent[] {
  return streams.flatMap((stream) => [...stream]).sort((a, b) => a.occurredAt - b.occurredAt);
}

/** From an instant on, so many of those who open the app within the extent fail. */
function* broken(
  events: Iterable<ActivityEvent>,
  type: EventType,
  extent: Partial<Extent>,
  from: EpochMs,
  until: EpochMs,
  share: number,
): Generator<ActivityEvent> {
  const random = new Random(99);
  for (const event of events) {
    yield event;
    const isWithin = Object.entries(extent).every(([dimension, value]) => event[dimension as keyof Extent] === value);
    if (event.type !== 'app_open' || event.occurredAt < from || event.occurredAt >= until || !isWithin) continue;
    if (random.chance(share)) yield { ...event, id: `${event.id}-failed`, type };
  }
}

const usualDays = (seed: number) => [
  ...base({ seed, days: 3.6, customers: 6_000, rollout: { fromDay: 1, perDay: 0.25 } }),
];
const spikes: readonly (readonly [string, EventType, Partial<Extent>, number])[] = [
  ['a version', 'crash', { appVersion: '5.2.0' }, 0.4],
  ['a platform', 'freeze', { platform: 'ios' }, 0.3],
  ['a channel', 'update_failed', { channel: 'yingyongbao' }, 0.3],
  ['the channel that always was bad', 'crash', { channel: 'baidu' }, 0.6],
  ['a version on one channel', 'login_failed', { appVersion: '5.2.0', channel: 'yingyongbao' }, 0.6],
  ['a version on one platform', 'crash', { appVersion: '5.2.0', platform: 'android' }, 0.4],
  ['everybody', 'login_failed', {}, 0.35],
];

describe.each([20, 21])('a spike in base %i', (seed) => {
  const days = usualDays(seed);

  it.each(spikes)(
    'of %s is found within a quarter of an hour, as what it is, once, and its end',
    async (_, type, extent, share) => {
      const from = plus(start, 3 * DAY + 10 * HOUR + 3 * MINUTE);
      const until = plus(from, 3 * HOUR);
      const world = new World();
      await world.play(
        broken(days, type, extent, from, until, share),
        plus(start, 3.6 * DAY),
        MINUTE,
        plus(start, 3.3 * DAY),
      );
      const rows = world.store.rows.filter(({ state, revision }) => revision === 1 || state === 'closed');
      expect(rows.map(({ kinds, extent: found, state }) => [kinds, extentText(found), state])).toEqual([
        [[type], extentText({ appVersion: '', platform: '', channel: '', ...extent }), 'open'],
        [[type], extentText({ appVersion: '', platform: '', channel: '', ...extent }), 'closed'],
      ]);
      const [opened, closed] = rows;
      expect(opened!.detectedAt - from).toBeLessThanOrEqual(15 * MINUTE);
      expect(Math.abs(opened!.beganAt - from)).toBeLessThanOrEqual(10 * MINUTE);
      expect(Math.abs(closed!.endedAt! - until)).toBeLessThanOrEqual(15 * MINUTE);
      expect(closed!.endDetectedAt! - until).toBeLessThanOrEqual(50 * MINUTE);
      expect(new Set(world.store.rows.map(({ id }) => id)).size).toBe(1);
    },
    60_000,
  );
});
