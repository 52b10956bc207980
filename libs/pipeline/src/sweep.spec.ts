import { intakeTopics, topics } from '#contracts';
import { customerId, DAY, epochMs, HOUR, MINUTE, plus, tenantId } from '#domain';
import type { EpochMs } from '#domain';
import type { RecordBatch } from './ports/event-log.js';
import { Sentinel } from './sweep.js';
import { HandTurnedTime } from './testing/hand-turned-time.js';
import { MemoryFlagStore } from './testing/memory-flag-store.js';
import { MemoryLog } from './testing/memory-log.js';
import { aSilencePack, SilenceEvaluator, silenceMs } from './testing/silence-evaluator.js';
import { encodeTouched } from './touched.js';

const tenant = tenantId('default');
const start = epochMs(Date.UTC(2026, 2, 1));
const sources = Object.values(intakeTopics).map((topic) => topic.name);
const deadline = plus(start, silenceMs);

/** A store, a log and sentinels that come and go. */
function aWorld({ partitions = 1, pack = aSilencePack() } = {}) {
  const time = new HandTurnedTime(start);
  const flags = new MemoryFlagStore();
  const evaluator = new SilenceEvaluator(flags, pack);
  const log = new MemoryLog();
  let owned = Array.from({ length: partitions }, (_, partition) => partition);
  let ownership = new AbortController();
  const aSentinel = (): Sentinel =>
    new Sentinel({
      evaluator,
      flags,
      log,
      assignment: { assigned: () => owned },
      clock: time,
      observer: () => {},
      slackMs: 0,
      noteEveryMs: MINUTE,
      latenessMs: 7 * DAY,
      partitionOf: () => 0,
    });
  let sentinel = aSentinel();

  const hear = (customers: readonly [string, EpochMs][], progress: Record<string, EpochMs>, partition = 0) => {
    const value = encodeTouched({
      customers: customers.map(([name, at]) => [tenant, customerId(name), [at]]),
      progress: Object.entries(progress).map(([source, upTo]) => [source, 0, upTo]),
    });
    const record = { offset: 0, key: null, value, headers: {}, timestamp: time.now() };
    const batch: RecordBatch = {
      topic: topics.touched.name,
      partition,
      records: [record],
      endOffset: 1,
      signal: ownership.signal,
      heartbeat: async () => {},
    };
    return sentinel.touched(batch);
  };
  return {
    time,
    flags,
    evaluator,
    log,
    hear,
    /** Every source has been read up to here. */
    allRead: (upTo: EpochMs, partition = 0) =>
      hear([], Object.fromEntries(sources.map((source) => [source, upTo])), partition),
    happened: (name: string, at: EpochMs, partition = 0) => {
      flags.happened(tenant, customerId(name), at);
      return hear([[name, at]], {}, partition);
    },
    restart: () => (sentinel = aSentinel()),
    changeHands: (to: number[]) => {
      ownership.abort();
      ownership = new AbortController();
      owned = to;
    },
    sentinel: () => sentinel,
    moves: () =>
      [...flags.decisions.values()].map(
        ({ transition: move, alert }) =>
          `${move.customer} ${move.from}>${move.to} +${(move.becameDueAt - start) / HOUR}h${alert ? ' told' : ''}`,
      ),
    told: () =>
      log
        .written(topics.riskTransitions.name)
        .map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { id: string }).id),
  };
}

/** Ada came once, and was looked at then. */
async function adaCame(options: Parameters<typeof aWorld>[0] = {}) {
  const world = aWorld(options);
  await world.allRead(start);
  await world.happened('ada', start);
  await world.allRead(plus(start, 1));
  return world;
}

describe('an absence', () => {
  it('is decided once every source has been read up to its deadline, and not a millisecond earlier', async () => {
    const { allRead, moves } = await adaCame();
    await allRead(plus(deadline, -1));
    expect(moves()).toEqual([]);
    await allRead(deadline);
    expect(moves()).toEqual(['ada clear>firing +168h told']);
  });

  it('is not decided while one source has yet to report at all', async () => {
    const { hear, moves, happened } = aWorld();
    await happened('ada', start);
    await hear([], { [sources[0]!]: plus(deadline, DAY), [sources[1]!]: plus(deadline, DAY) });
    expect(moves()).toEqual([]);
    await hear([], { [sources[2]!]: plus(deadline, DAY) });
    expect(moves()).toEqual(['ada clear>firing +168h told']);
  });

  it('is held back by a source that stands still, however long', async () => {
    const { hear, moves, sentinel } = await adaCame();
    const others = Object.fromEntries(sources.slice(1).map((source) => [source, plus(deadline, 30 * DAY)]));
    await hear([], others);
    expect(moves()).toEqual([]);
    expect(sentinel().decidedUpTo).toBe(start + 1);
    await hear([], { [sources[0]!]: deadline });
    expect(moves()).toHaveLength(1);
  });

  it('is none when the customer came in time though we read of it late', async () => {
    const { happened, allRead, moves } = await adaCame();
    await happened('ada', plus(deadline, -HOUR));
    await allRead(plus(deadline, DAY));
    expect(moves()).toEqual([]);
  });

  it('is told once for an episode, and anew for the next', async () => {
    const { happened, allRead, moves } = await adaCame();
    await allRead(deadline);
    await allRead(plus(deadline, DAY));
    expect(moves()).toHaveLength(1);
    await happened('ada', plus(deadline, DAY));
    await allRead(plus(deadline, 9 * DAY));
    expect(moves()).toEqual(['ada clear>firing +168h told', 'ada firing>clear +192h', 'ada clear>firing +360h told']);
  });
});

describe('a failure', () => {
  it('of the evaluator loses nothing: the same are due again', async () => {
    const { evaluator, allRead, moves } = await adaCame();
    evaluator.isDown = true;
    await expect(allRead(deadline)).rejects.toThrow();
    expect(moves()).toEqual([]);
    evaluator.isDown = false;
    await allRead(deadline);
    expect(moves()).toEqual(['ada clear>firing +168h told']);
  });

  it('of the store tells nobody, and the same is decided again', async () => {
    const { flags, allRead, moves, told } = await adaCame();
    flags.down.add('append');
    await expect(allRead(deadline)).rejects.toThrow();
    expect(told()).toEqual([]);
    flags.down.clear();
    await allRead(deadline);
    expect(moves()).toHaveLength(1);
    expect(told()).toEqual([...flags.decisions.keys()]);
  });

  it('of the log tells later, exactly what was stored', async () => {
    const { flags, log, allRead, told, moves } = await adaCame();
    log.down.add(topics.riskTransitions.name);
    await expect(allRead(deadline)).rejects.toThrow();
    expect(moves()).toHaveLength(1);
    log.down.clear();
    await allRead(deadline);
    expect(told()).toEqual([...flags.decisions.keys()]);
    expect(flags.published.size).toBe(1);
  });

  it('to take over the share leaves nobody out at the next try', async () => {
    const { flags, changeHands, allRead, moves } = await adaCame();
    changeHands([0, 1]);
    flags.down.add('customers');
    await expect(allRead(deadline)).rejects.toThrow();
    flags.down.clear();
    changeHands([0]);
    await allRead(deadline);
    expect(moves()).toHaveLength(1);
  });
});

describe('another sentinel', () => {
  it('tells what its predecessor stored but could not tell', async () => {
    const { flags, log, allRead, told, restart, moves } = await adaCame();
    log.down.add(topics.riskTransitions.name);
    await expect(allRead(deadline)).rejects.toThrow();
    log.down.clear();
    restart();
    await allRead(plus(deadline, DAY));
    expect(told()).toEqual([...flags.decisions.keys()]);
    expect(moves()).toHaveLength(1);
  });

  it('goes on from the store when partitions change hands, even if the same come back', async () => {
    const { flags, changeHands, allRead, moves, sentinel } = await adaCame();
    const before = flags.asked.get('load')!;
    await allRead(plus(start, HOUR));
    expect(flags.asked.get('load')!).toBe(before);
    changeHands([0]);
    await allRead(deadline);
    expect(flags.asked.get('load')!).toBe(before + 1);
    expect(sentinel().tracked).toBe(1);
    expect(moves()).toHaveLength(1);
  });

  it('begins where the note says, which is never ahead of what was decided', async () => {
    const { flags, happened, allRead, evaluator, log, moves } = await adaCame({ partitions: 2 });
    await allRead(plus(start, 1), 1);
    const noted = flags.notes.length;
    // One partition’s news say how far the sources are; the other’s may still hold customers from before.
    await allRead(deadline, 0);
    expect(flags.notes).toHaveLength(noted);
    expect(moves()).toEqual([]);
    await happened('bea', plus(start, HOUR), 1);
    await allRead(deadline, 1);
    expect(evaluator.asked).toContain(`bea@${start + HOUR}`);
    expect(flags.notes.at(-1)).toBe(deadline);
    log.down.add(topics.riskTransitions.name);
    await expect(Promise.all([allRead(plus(deadline, DAY), 0), allRead(plus(deadline, DAY), 1)])).rejects.toThrow();
    expect(flags.notes.at(-1)).toBe(deadline);
  });

  it('notes where it begins before it decides anything: a crash in the first minute forgets no deadline', async () => {
    const { flags, restart, allRead, moves } = await adaCame();
    expect(flags.notes).toEqual([start]);
    restart();
    await allRead(deadline);
    expect(moves()).toEqual([`ada clear>firing +${(deadline - start) / HOUR}h told`]);
  });

  it('writes nothing once its partitions are taken away', async () => {
    const { sentinel, flags, moves } = await adaCame();
    const noted = [...flags.notes];
    const value = encodeTouched({ customers: [], progress: sources.map((source) => [source, 0, deadline]) });
    const record = { offset: 7, key: null, value, headers: {}, timestamp: start };
    const signal = AbortSignal.abort();
    const batch = { topic: topics.touched.name, partition: 0, records: [record], endOffset: 8, signal };
    expect(await sentinel().touched({ ...batch, heartbeat: async () => {} })).toBe(7);
    expect(moves()).toEqual([]);
    expect(flags.notes).toEqual(noted);
  });
});
