import { jest } from '@jest/globals';
import type { ActivityEvent, EpochMs } from '#domain';
import { HOUR, MINUTE, plus } from '#domain';
import type { BatchHandler } from '#pipeline';
import { Tracker } from '#pipeline';
import { Gate } from '../../libs/pipeline/src/gate.js';
import { AbsenceWorld, atOnce, beginsAt, forgetWorlds } from '../support/absence-world.js';

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

describe('a feed that stops and comes back with its backlog', () => {
  const story = async (isGated: boolean): Promise<AbsenceWorld> => {
    const world = await AbsenceWorld.prepared({ delivery: shopIsCutOff, isGated });
    await world.start();
    await world.go(12);
    return world;
  };

  it('raises no alert of those it did not tell of, and all the others with their own instants', async () => {
    const world = await story(true);
    expect(await world.falseAlerts()).toEqual([]);
    expect(await world.missing(hour(11))).toEqual([]);
    expect(world.due(1, 6)).toBeGreaterThan(0);
    const incidents = world.seen.filter(({ kind }) => kind.startsWith('feed-silen'));
    expect(incidents).toMatchObject([
      { kind: 'feed-silent', source: 'shop' },
      { kind: 'feed-silence-over', source: 'shop', reason: 'heard' },
    ]);
    await world.stop();
  }, 180_000);

  it('would raise false ones if feeds were not asked', async () => {
    const world = await story(false);
    expect((await world.falseAlerts()).length).toBeGreaterThan(5);
    await world.stop();
  }, 180_000);
});
