import { intakeTopics, topics } from '#contracts';
import { customerId, DAY, epochMs, HOUR, MINUTE, plus, SECOND, tenantId } from '#domain';
import type { EpochMs, Pack } from '#domain';
import type { RecordBatch } from '../ports/event-log.js';
import { Sentinel } from './sweep.js';
import { HandTurnedTime } from '../testing/hand-turned-time.js';
import { MemoryFlagStore } from '../testing/memory-flag-store.js';
import { MemoryIncidentStore } from '../testing/memory-incident-store.js';
import { MemoryStageStore } from '../testing/memory-stage-store.js';
import { MemoryLog } from '../testing/memory-log.js';
import { aSilencePack, SilenceEvaluator, silenceMs } from '../testing/silence-evaluator.js';
import { encodeTouched } from '../tracker/touched.js';

const tenant = tenantId('default');
const start = epochMs(Date.UTC(2026, 2, 1));
const sources = Object.values(intakeTopics).map((topic) => topic.name);
const deadline = plus(start, silenceMs);

/** A store, a log and sentinels that come and go. */
function aWorld({ partitions = 1, pack = aSilencePack(), latenessMs = 7 * DAY } = {}) {
  const time = new HandTurnedTime(start);
  const flags = new MemoryFlagStore();
  const stages = new MemoryStageStore(flags);
  const evaluator = new SilenceEvaluator(flags, pack);
  let inForce = evaluator;
  const log = new MemoryLog();
  const incidents = new MemoryIncidentStore();
  let owned = Array.from({ length: partitions }, (_, partition) => partition);
  let ownership = new AbortController();
  const aSentinel = (): Sentinel =>
    new Sentinel({
      inForce: () => inForce,
      flags,
      stages,
      log,
      assignment: { assigned: () => owned },
      clock: time,
      observer: () => {},
      slackMs: 0,
      noteEveryMs: MINUTE,
      latenessMs,
      historySettleMs: 30 * SECOND,
      partitionOf: () => 0,
      incidents: { store: incidents, limits: { fromCustomers: 10 } },
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
    incidents,
    hear,
    /** Every source has been read up to here. */
    allRead: (upTo: EpochMs, partition = 0) =>
      hear([], Object.fromEntries(sources.map((source) => [source, upTo])), partition),
    happened: (name: string, at: EpochMs, partition = 0) => {
      flags.happened(tenant, customerId(name), at, 'app_open', time.now());
      return hear([[name, at]], {}, partition);
    },
    restart: () => (sentinel = aSentinel()),
    /** From the next batch on. */
    adopt: (other: Pack) => (inForce = new SilenceEvaluator(flags, other)),
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

describe('a history that comes in', () => {
  const today = plus(start, 60 * DAY);
  const longAgo = (days: number) => plus(start, days * DAY);

  /** Ada is known and was here today. */
  async function aRunningWorld() {
    const world = aWorld();
    await world.time.advance('60d');
    await world.allRead(today);
    await world.happened('ada', today);
    await world.allRead(plus(today, SECOND));
    const pass = async (span: string) => {
      await world.time.advance(span);
      await world.allRead(world.time.now());
    };
    return { ...world, pass };
  }

  it('raises nothing for what was past before it came', async () => {
    const { happened, pass, moves } = await aRunningWorld();
    // Three silences longer than the rule allows; here since yesterday.
    for (const days of [1, 10, 25, 40, 59]) {
      await happened('bea', longAgo(days));
      await pass('20s');
    }
    await pass('1h');
    expect(moves()).toEqual([]);
    await pass('6d');
    expect(moves()).toEqual(['bea clear>firing +1584h told']);
  });

  it('is looked at as a whole when no more has come for a while, whoever it is of', async () => {
    const { happened, pass, moves } = await aRunningWorld();
    await happened('bea', longAgo(1));
    for (let n = 0; n < 10; n++) {
      await happened('cem', longAgo(2 + n));
      await pass('20s');
    }
    // Bea's rest comes after much of others.
    await happened('bea', longAgo(50));
    await happened('bea', longAgo(59));
    await pass('29s');
    expect(moves()).toEqual([]);
    await pass('1s');
    expect(moves()).toEqual([expect.stringMatching(/^cem clear>firing \+1440\.\d+h told$/)]);
  });

  it('moves nothing in the past of somebody who was known either', async () => {
    const { happened, pass, moves } = await aRunningWorld();
    await pass('30d');
    expect(moves()).toEqual(['ada clear>firing +1608h told']);
    // A visit of three weeks ago: the flag was wrong for a week then, and is right again.
    await happened('ada', plus(today, 9 * DAY));
    await pass('1h');
    expect(moves()).toHaveLength(1);
  });

  it('does not hold up whoever is looked after already', async () => {
    const { happened, pass, moves } = await aRunningWorld();
    await pass('7d');
    expect(moves()).toEqual(['ada clear>firing +1608h told']);
    await pass('1h');
    await happened('ada', longAgo(1));
    await happened('ada', plus(today, 7 * DAY + HOUR));
    await pass('1s');
    expect(moves().at(-1)).toBe('ada firing>clear +1609h');
  });
});

describe('an absence', () => {
  it('is decided once every source has been read up to its deadline, and not a millisecond earlier', async () => {
    const { allRead, moves } = await adaCame();
    await allRead(plus(deadline, -1));
    expect(moves()).toEqual([]);
    await allRead(deadline);
    expect(moves()).toEqual(['ada clear>firing +168h told']);
  });

  it('is decided by the rules that came into force meanwhile, with what was decided before in its place', async () => {
    const { adopt, allRead, moves, happened } = await adaCame();
    adopt(aSilencePack({ pendingMs: HOUR }));
    await allRead(plus(deadline, HOUR));
    expect(moves()).toEqual(['ada clear>pending +168h', 'ada pending>firing +169h told']);
    adopt(aSilencePack());
    await happened('bea', plus(deadline, HOUR));
    await allRead(plus(deadline, 2 * HOUR));
    // Ada's flag is up, whoever raised it.
    expect(moves()).toHaveLength(2);
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

describe('what is read late', () => {
  const told = ({ flags }: ReturnType<typeof aWorld>) =>
    [...flags.decisions.values()].flatMap(({ alert }) => (alert ? [alert] : []));

  it('takes back an alert that should not have been, and says why', async () => {
    const world = await adaCame();
    await world.allRead(deadline);
    await world.happened('ada', plus(deadline, -HOUR));
    expect(world.moves()).toEqual(['ada clear>firing +168h told', 'ada firing>retracted +168h told']);
    const [alert, retraction] = told(world);
    expect(retraction).toMatchObject({ kind: 'retraction', retracts: alert!.id, becameDueAt: deadline });
    expect(retraction!.id).not.toBe(alert!.id);
    expect(retraction!.text).toEqual({
      en: 'Withdrawn: the visit of 2026-03-07 23:00 UTC arrived late. It had been said: “Silent for 7 days”',
      zh: '已撤回：2026-03-07 23:00（UTC）的打开应用记录迟到。原内容：“Silent for 7 days”',
    });
    expect(world.log.written(topics.riskCurrent.name).at(-1)!.value).toBeNull();
    // The next silence is another episode, under another number.
    await world.allRead(plus(deadline, 7 * DAY));
    expect(world.moves().slice(2)).toEqual(['ada retracted>firing +335h told']);
    expect(told(world).map(({ episode }) => episode)).toEqual([1, 1, 2]);
  });

  it('leaves an episode that only began at another instant as it was told', async () => {
    const world = await adaCame({ latenessMs: 14 * DAY });
    await world.allRead(plus(deadline, 3 * DAY));
    await world.happened('ada', plus(start, DAY));
    expect(world.moves()).toEqual(['ada clear>firing +168h told', 'ada clear>firing +192h']);
    const [first, second] = [...world.flags.decisions.values()].map(({ transition }) => transition);
    expect([second!.episode, second!.sequence, second!.amends]).toEqual([first!.episode, 2, deadline]);
  });

  it('puts a flag back that had been cleared for nothing, and keeps what nothing changes', async () => {
    const world = await adaCame();
    await world.allRead(deadline);
    await world.happened('ada', deadline);
    expect(world.moves()).toEqual(['ada clear>firing +168h told', 'ada firing>retracted +168h told']);
    const asked = world.evaluator.asked.length;
    // Heard of once more: everything comes to the same.
    await world.happened('ada', deadline);
    expect(world.moves()).toHaveLength(2);
    expect(world.evaluator.asked.length).toBe(asked + 1);
  });

  it('costs no look into the past while no flag has moved since', async () => {
    const world = await adaCame();
    await world.allRead(plus(start, 3 * DAY));
    await world.happened('ada', plus(start, 2 * DAY));
    await world.happened('ada', plus(start, DAY));
    expect(world.flags.asked.get('history')).toBeUndefined();
    await world.allRead(plus(start, 9 * DAY));
    expect(world.moves()).toEqual(['ada clear>firing +216h told']);
  });

  it('counts from now on where it is too late for more', async () => {
    const world = await adaCame();
    await world.allRead(deadline);
    await world.happened('ada', plus(start, -HOUR));
    expect(world.moves()).toEqual(['ada clear>firing +168h told']);
    expect(world.evaluator.asked.at(-1)).toBe(`ada@${start + 7 * DAY}`);
  });

  it('is decided on what the store has, also when its last answer was lost', async () => {
    const world = await adaCame();
    world.flags.mute.add('append');
    await expect(world.allRead(deadline)).rejects.toThrow();
    world.flags.mute.clear();
    expect(world.moves()).toHaveLength(1);
    // Now it looks different; what was stored under number 1 stays what it was.
    await world.happened('ada', plus(deadline, -HOUR));
    expect(world.moves()).toEqual(['ada clear>firing +168h told', 'ada firing>retracted +168h told']);
    expect(world.told()).toEqual([...world.flags.decisions.keys()]);
  });

  it('is not met by a decision that was given up and reaches the store only afterwards', async () => {
    const world = await adaCame();
    const append = world.flags.append.bind(world.flags);
    let arrive = (): Promise<void> => Promise.reject(new Error('nothing is on its way'));
    world.flags.append = (decisions, fences) => {
      arrive = () => append(decisions, fences);
      return Promise.reject(new Error('no answer yet'));
    };
    await expect(world.allRead(deadline)).rejects.toThrow('no answer yet');
    world.flags.append = append;
    await world.happened('ada', plus(deadline, -HOUR));
    await expect(arrive()).rejects.toMatchObject({ code: 'FENCED' });
    expect(world.moves()).toEqual([]);
  });
});

describe('a sentinel that lost its share without knowing', () => {
  it('stores nothing, tells nothing, and lets go until it owns something again', async () => {
    const { flags, allRead, moves, told, sentinel, changeHands } = await adaCame();
    await flags.takeOver({ partitions: [0], count: 1 });
    await expect(allRead(deadline)).rejects.toMatchObject({ code: 'FENCED' });
    expect([moves(), told()]).toEqual([[], []]);
    expect(sentinel().tracked).toBe(0);
    const loads = flags.asked.get('load');
    await expect(allRead(deadline)).rejects.toMatchObject({ code: 'FENCED' });
    expect(flags.asked.get('load')).toBe(loads);
    changeHands([0]);
    await allRead(deadline);
    expect(moves()).toHaveLength(1);
  });

  it('does not tell what it had stored before: that is the new owner’s', async () => {
    const { flags, log, allRead, told } = await adaCame();
    log.down.add(topics.riskTransitions.name);
    await expect(allRead(deadline)).rejects.toThrow();
    log.down.clear();
    await flags.takeOver({ partitions: [0], count: 1 });
    await expect(allRead(deadline)).rejects.toMatchObject({ code: 'FENCED' });
    expect(told()).toEqual([]);
  });
});

describe('memory', () => {
  it('holds nobody for whom nothing is to come, and knows them again', async () => {
    const world = aWorld({ pack: aSilencePack() });
    world.evaluator.forgetsDeadlines = true;
    await world.allRead(start);
    for (const name of ['ada', 'bea', 'cem']) await world.happened(name, plus(start, HOUR));
    await world.allRead(plus(start, 2 * HOUR));
    expect(world.sentinel().tracked).toBe(0);
    world.evaluator.forgetsDeadlines = false;
    // Earlier than what was decided of her: everything since is looked at, too.
    await world.happened('ada', plus(start, 1));
    expect(world.evaluator.asked.slice(-2)).toEqual([`ada@${start + 1}`, `ada@${start + HOUR}`]);
    expect(world.sentinel().tracked).toBe(1);
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

describe('incidents', () => {
  it('are looked for once a minute of what is read, by who has the first partition', async () => {
    const { incidents, allRead, changeHands } = aWorld({ partitions: 2 });
    const looks: EpochMs[] = [];
    incidents.quarters = async (read) => {
      looks.push(read);
      return [];
    };
    const bothRead = async (at: EpochMs) => {
      for (const partition of [0, 1]) await allRead(at, partition);
    };
    for (let seconds = 0; seconds <= 120; seconds += 20) await bothRead(plus(start, seconds * 1_000));
    expect(looks).toEqual([start, plus(start, MINUTE), plus(start, 2 * MINUTE)]);
    changeHands([1]);
    await allRead(plus(start, HOUR), 1);
    expect(looks).toHaveLength(3);
    changeHands([0]);
    await allRead(plus(start, HOUR));
    expect(looks).toHaveLength(4);
  });

  it('hold no decision up when looking fails', async () => {
    const { incidents, allRead, moves } = await adaCame();
    incidents.quarters = () => Promise.reject(new Error('away'));
    await allRead(deadline);
    expect(moves()).toHaveLength(1);
  });
});
