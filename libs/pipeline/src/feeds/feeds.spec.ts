import { DAY, epochMs, HOUR, MINUTE, plus, SECOND, tenantId } from '#domain';
import type { EpochMs } from '#domain';
import { FeedWatch } from './feed-watch.js';
import type { FeedWord } from './feeds.js';
import { Feeds, mostFeeds } from './feeds.js';
import type { Observation } from '../ports/observer.js';

const tenant = tenantId('default');
const start = epochMs(Date.UTC(2026, 2, 2));
const limits = { vouchesFromPerHour: 20, settleMs: 0 };

const word = (source: string, arrivedAt: EpochMs, heardUpTo = arrivedAt, events = 1): FeedWord => [
  tenant,
  source,
  events,
  heardUpTo,
  arrivedAt,
];

/** `source` is heard every `everyMs`, with a lag, and everything is read as it arrives. */
function heard(
  feeds: Feeds,
  {
    from = start,
    to,
    everyMs = 2 * MINUTE,
    lagMs = 0,
    source = 'shop',
  }: {
    readonly from?: EpochMs;
    readonly to: EpochMs;
    readonly everyMs?: number;
    readonly lagMs?: number;
    readonly source?: string;
  },
): void {
  for (let at = from; at <= to; at = plus(at, everyMs)) feeds.hear([word(source, at, plus(at, -lagMs))], at);
}

describe('a feed', () => {
  it('holds absence at what it was heard up to, once it has been heard often enough for a day', () => {
    const feeds = new Feeds(limits);
    heard(feeds, { to: plus(start, 23 * HOUR) });
    expect(feeds.believedUpTo(plus(start, 24 * HOUR))).toBe(start + 24 * HOUR);
    heard(feeds, { from: plus(start, 23 * HOUR), to: plus(start, DAY) });
    expect(feeds.believedUpTo(plus(start, 26 * HOUR))).toBe(start + DAY);
  });

  it('that sends too little, or comes in one burst, holds nothing', () => {
    const feeds = new Feeds(limits);
    heard(feeds, { to: plus(start, DAY), everyMs: 4 * MINUTE, source: 'rare' });
    feeds.hear([word('import', start, start, 1)], start);
    feeds.hear([word('import', plus(start, DAY), plus(start, DAY), 100_000)], plus(start, DAY));
    expect(feeds.believedUpTo(plus(start, 2 * DAY))).toBe(start + 2 * DAY);
  });

  it('holds nothing at a threshold of 0', () => {
    const feeds = new Feeds({ vouchesFromPerHour: 0, settleMs: 0 });
    heard(feeds, { to: plus(start, 2 * DAY) });
    expect(feeds.believedUpTo(plus(start, 3 * DAY))).toBe(start + 3 * DAY);
  });

  it('is not believed before everything that had arrived by then is read, and a little more', () => {
    const feeds = new Feeds({ ...limits, settleMs: 5 * SECOND });
    const last = plus(start, 2 * DAY);
    heard(feeds, { to: last });
    expect(feeds.believedUpTo(plus(last, 4 * SECOND))).toBe(last - 2 * MINUTE);
    expect(feeds.believedUpTo(plus(last, 5 * SECOND))).toBe(last);
  });

  it('whose clock is an hour behind is believed by its own times; one that is days behind, by when it is heard', () => {
    for (const [lagMs, heldMs] of [
      [HOUR, HOUR],
      [3 * DAY, 0],
    ] as const) {
      const feeds = new Feeds(limits);
      heard(feeds, { to: plus(start, 2 * DAY), lagMs });
      expect(feeds.believedUpTo(plus(start, 2 * DAY))).toBe(start + 2 * DAY - heldMs);
    }
  });

  it('that is dead for good stops vouching within its seven days', () => {
    const feeds = new Feeds(limits);
    const end = plus(start, 10 * DAY);
    heard(feeds, { to: end });
    expect(feeds.believedUpTo(plus(end, 2 * DAY))).toBe(end);
    expect(feeds.believedUpTo(plus(end, 7 * DAY))).toBe(end + 7 * DAY);
  });

  it('that is retired holds nothing at once, and must earn its say again', () => {
    const feeds = new Feeds(limits);
    heard(feeds, { to: plus(start, 2 * DAY) });
    feeds.retire(tenant, 'shop');
    const again = plus(start, 3 * DAY);
    heard(feeds, { from: again, to: plus(again, HOUR) });
    expect(feeds.believedUpTo(plus(again, 5 * HOUR))).toBe(again + 5 * HOUR);
  });

  it('says as much after a restart as before', () => {
    const before = new Feeds(limits);
    const after = new Feeds(limits);
    const end = plus(start, 2 * DAY);
    heard(before, { to: end });
    const hours = Array.from({ length: 49 }, (_, n) => ({
      tenant,
      source: 'shop',
      hour: plus(start, n * HOUR),
      events: n === 48 ? 1 : 30,
      firstArrivedAt: plus(start, n * HOUR),
      lastArrivedAt: n === 48 ? end : plus(start, n * HOUR + 58 * MINUTE),
      heardUpTo: n === 48 ? end : plus(start, n * HOUR + 58 * MINUTE),
      leastLagMs: 0,
      minutes: n === 48 ? ([1, 0] as const) : ([0x15555555, 0x15555555] as const),
    }));
    after.restore(hours, [], plus(end, -HOUR));
    // What is read from the log once more is not counted once more.
    heard(after, { from: plus(end, -HOUR), to: end });
    expect(after.states(end)).toEqual(before.states(end));
    const retired = new Feeds(limits);
    retired.restore(hours, [{ tenant, source: 'shop', at: plus(end, 1) }], end);
    expect(retired.states(end)).toEqual([]);
  });

  it('of one device each are thrown out again, and the busy one is kept', () => {
    const feeds = new Feeds(limits);
    heard(feeds, { to: plus(start, 2 * DAY) });
    for (let n = 0; n < 5 * mostFeeds; n++) feeds.hear([word(`device-${n}`, plus(start, 2 * DAY))], start);
    const states = feeds.states(plus(start, 2 * DAY));
    expect(states.length).toBeLessThanOrEqual(2 * mostFeeds);
    expect(states[0]).toMatchObject({ source: 'shop', vouches: true });
  });
});

describe('the operators', () => {
  function watched() {
    const seen: Observation[] = [];
    const watch = new FeedWatch((observation) => {
      if (observation.kind !== 'feeds') seen.push(observation);
    });
    return { watch, seen };
  }

  it('are told once of a silence and once of its end', () => {
    const feeds = new Feeds(limits);
    const { watch, seen } = watched();
    const end = plus(start, 2 * DAY);
    heard(feeds, { to: end });
    for (let n = 0; n <= 60; n++) watch.look(feeds, plus(end, n * MINUTE));
    expect(seen).toEqual([{ kind: 'feed-silent', tenant, source: 'shop', since: end, heldAt: end }]);
    const back = plus(end, 61 * MINUTE);
    feeds.hear([word('shop', back)], back);
    watch.look(feeds, plus(back, MINUTE));
    expect(seen.at(-1)).toEqual({ kind: 'feed-silence-over', tenant, source: 'shop', since: end, reason: 'heard' });
    expect(seen).toHaveLength(2);
  });

  it('are not told of a night as quiet as the one before', () => {
    const feeds = new Feeds(limits);
    const { watch, seen } = watched();
    for (let day = 0; day < 3; day++)
      heard(feeds, { from: plus(start, day * DAY), to: plus(start, day * DAY + 16 * HOUR), everyMs: MINUTE });
    const evening = plus(start, 2 * DAY + 16 * HOUR);
    for (let n = 0; n <= 8 * 60; n++) watch.look(feeds, plus(evening, n * MINUTE));
    expect(seen).toEqual([]);
    watch.look(feeds, plus(evening, 12 * HOUR + MINUTE));
    expect(seen).toMatchObject([{ kind: 'feed-silent' }]);
  });

  it('are told that a silence is over when the feed is retired', () => {
    const feeds = new Feeds(limits);
    const { watch, seen } = watched();
    const end = plus(start, 2 * DAY);
    heard(feeds, { to: end });
    watch.look(feeds, plus(end, HOUR));
    feeds.retire(tenant, 'shop');
    watch.look(feeds, plus(end, HOUR + MINUTE));
    expect(seen.at(-1)).toMatchObject({ kind: 'feed-silence-over', reason: 'vouches-no-more' });
  });
});
