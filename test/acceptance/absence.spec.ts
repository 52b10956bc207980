import { jest } from '@jest/globals';
import type { ActivityEvent, EpochMs } from '#domain';
import { intakeTopics, topics } from '#contracts';
import { ChurnError, HOUR, MINUTE, plus } from '#domain';
import type { EventLog } from '#pipeline';
import { EVENT_LOG, Tracker } from '#pipeline';
import { Random } from '../../libs/simulator/src/random.js';
import { Feed } from '../../libs/pipeline/src/feeds/feed.js';
import { Gate } from '../../libs/pipeline/src/sentinel/gate.js';
import type { WorldOptions } from '../support/absence-world.js';
import { AbsenceWorld, atOnce, beginsAt, forgetWorlds } from '../support/absence-world.js';
import { until } from '../support/standalone.js';

const hour = (n: number): EpochMs => plus(beginsAt, n * HOUR);

/** The shop's sender cannot get through from the first hour to the sixth; then it sends what it kept, in its order. */
const shopIsCutOff = (event: ActivityEvent): EpochMs => {
  const usual = atOnce(event);
  if (event.source !== 'shop' || usual < hour(1) || usual >= hour(6)) return usual;
  return plus(hour(6), (event.occurredAt - hour(1)) / 60);
};

afterEach(() => jest.restoreAllMocks());
afterAll(forgetWorlds);

/** As if nobody asked how far anything has been read. */
function withoutProgress(world: AbsenceWorld): void {
  jest.spyOn(Gate.prototype, 'openUpTo', 'get').mockImplementation(() => world.clock.now());
}

/** Nothing told that did not happen, and by the end everything that did, with its own instant. */
async function expectTruth(world: AbsenceWorld, upTo = hour(8)): Promise<void> {
  expect(await world.falseAlerts()).toEqual([]);
  expect(await world.missing(upTo)).toEqual([]);
  expect(world.due(1, 6)).toBeGreaterThan(3);
}

/** Of the whole story, so that a test of it shows that it can fail. */
async function expectFalseAlerts(world: AbsenceWorld): Promise<void> {
  expect(await world.falseAlerts()).not.toEqual([]);
}

let world: AbsenceWorld;
afterEach(() => world.stop());
const hours = 9;

describe('a feed that stops and comes back with its backlog', () => {
  const story = async (options: WorldOptions): Promise<void> => {
    world = await AbsenceWorld.prepared({ hours, delivery: shopIsCutOff, ...options });
    await world.start();
    await world.go(hours);
  };

  it('raises no alert of those it did not tell of, all the others, and one incident', async () => {
    await story({});
    await expectTruth(world);
    const incidents = world.seen.filter(({ kind }) => kind.startsWith('feed-silen'));
    expect(incidents).toMatchObject([
      { kind: 'feed-silent', source: 'shop' },
      { kind: 'feed-silence-over', source: 'shop', reason: 'heard' },
    ]);
  }, 180_000);

  it('would raise false ones if feeds were not asked', async () => {
    await story({ isGated: false });
    await expectFalseAlerts(world);
  }, 180_000);

  it('raises none either when the sentinel is restarted in the silence, and again in the backlog', async () => {
    world = await AbsenceWorld.prepared({ hours, delivery: shopIsCutOff });
    await world.start();
    await world.go(4);
    await world.stop();
    await world.start();
    await world.go(6.04, { everyMinutes: 60 });
    await world.stop();
    await world.start();
    await world.go(hours);
    await expectTruth(world);
  }, 180_000);
});

describe('a feed that comes back with its backlog in any order', () => {
  const random = new Random(7);
  /** As `shopIsCutOff`, but the backlog comes in no order, for so long. */
  const shuffled =
    (forMs: number) =>
    (event: ActivityEvent): EpochMs =>
      shopIsCutOff(event) < hour(6) || event.occurredAt >= hour(6)
        ? shopIsCutOff(event)
        : plus(hour(6), random.whole(0, forMs));
  const story = async (forMs: number): Promise<void> => {
    world = await AbsenceWorld.prepared({ hours, delivery: shuffled(forMs) });
    await world.start();
    await world.go(6);
    await world.go(6.5, { everyMinutes: 2 });
    await world.go(hours);
  };

  it('raises no false alert if all of it is there within seconds', async () => {
    await story(4_000);
    await expectTruth(world);
  }, 180_000);

  it('takes back what it raised too early if the backlog takes long, and raises all the others', async () => {
    await story(20 * MINUTE);
    // Otherwise there would be nothing to take back.
    expect(await world.falseAlerts()).not.toEqual([]);
    expect(await world.standing()).toEqual([]);
    expect(await world.missing(hour(8))).toEqual([]);
    expect(await world.wronglyFlagged()).toEqual([]);
  }, 180_000);
});

describe('a feed that comes back while one partition cannot be read', () => {
  const story = async (): Promise<void> => {
    world = await AbsenceWorld.prepared({ hours, delivery: shopIsCutOff });
    await world.start();
    await world.go(5.5);
    const letGo = stall(intakeTopics.transaction.name);
    await world.go(7, { untilRead: false });
    letGo();
    await world.untilRead(hour(7));
    await world.go(hours);
  };

  it('is not believed by what the others bring', async () => {
    await story();
    await expectTruth(world);
  }, 180_000);

  it('would raise false alerts if it were believed at once', async () => {
    jest.spyOn(Feed.prototype, 'believedAt').mockImplementation(function (this: Feed) {
      return this.heardUpTo;
    });
    await story();
    await expectFalseAlerts(world);
  }, 180_000);
});

describe('one stalled partition while the others go on', () => {
  const story = async (isGated: boolean): Promise<void> => {
    world = await AbsenceWorld.prepared({ hours });
    await world.start();
    if (!isGated) withoutProgress(world);
    await world.go(1);
    const letGo = stall(intakeTopics.transaction.name);
    await world.go(6, { untilRead: false });
    letGo();
    if (isGated) await world.untilRead(hour(6));
    await world.go(hours, { untilRead: isGated });
  };

  it('raises no false alert', async () => {
    await story(true);
    await expectTruth(world);
  }, 180_000);

  it('would raise false ones if progress were not asked for', async () => {
    await story(false);
    await expectFalseAlerts(world);
  }, 180_000);
});

describe('a backlog at the start', () => {
  const story = async (isGated: boolean): Promise<void> => {
    // Small chunks: the sentinel hears of the first long before the last is read.
    world = await AbsenceWorld.prepared({ hours, isGated, env: { TRACKER_MAX_CHUNK_RECORDS: '5' } });
    await world.start();
    await world.go(1);
    await world.stop();
    await world.start(['gateway']);
    await world.arrive(hour(6));
    await world.stop();
    world.clock.set(hour(6));
    if (!isGated) withoutProgress(world);
    await world.start();
    if (isGated) await world.untilRead(hour(6));
    await world.go(hours, { untilRead: isGated });
  };

  it('raises no false alert', async () => {
    await story(true);
    await expectTruth(world);
  }, 180_000);

  it('would raise false ones if nothing were waited for', async () => {
    await story(false);
    await expectFalseAlerts(world);
  }, 180_000);
});

describe('a tracker that dies between storing and telling', () => {
  it('raises no false alert', async () => {
    world = await AbsenceWorld.prepared({ hours, env: { TRACKER_MAX_CHUNK_RECORDS: '5' } });
    await world.start();
    await world.go(1);
    const log = world.app.app.get<EventLog>(EVENT_LOG, { strict: false });
    const append = jest.spyOn(log, 'append');
    const usual = append.getMockImplementation() ?? Object.getPrototypeOf(log).append;
    let refused = 0;
    append.mockImplementation(async (topic, messages) => {
      if (topic !== topics.touched.name) return usual.call(log, topic, messages);
      refused += 1;
      throw new ChurnError('LOG_UNAVAILABLE', 'nobody hears', { retryable: true });
    });
    await world.arrive(hour(6));
    world.clock.set(hour(6));
    await until('it has tried to tell', () => refused > 20);
    await world.stop();
    append.mockRestore();
    await world.start();
    await world.untilRead(hour(6));
    await world.go(hours);
    await expectTruth(world);
  }, 180_000);
});

/** A partition whose records nobody gets to read until it is let go. */
function stall(topic: string): () => void {
  const tracker = world.app.app.get(Tracker, { strict: false });
  const usual = tracker.fold.bind(tracker);
  let isStalled = true;
  tracker.fold = async (batch) => {
    if (batch.topic === topic && isStalled)
      await until('the partition is let go', () => !isStalled || batch.signal.aborted, 120_000);
    return usual(batch);
  };
  return () => (isStalled = false);
}
