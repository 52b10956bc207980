import type { MessageHandler } from '@nestjs/microservices';
import { ChurnError, epochMs } from '#domain';
import type { BatchHandler, Journal, LogMessage, RecordBatch } from '#pipeline';
import { MemoryJournal } from '../../../test/support/memory-journal.js';
import { waitUntil } from '../../../test/support/kafka-broker/wait-until.js';
import { InProcessServer } from './in-process.server.js';
import type { InProcessServerOptions } from './in-process.server.js';
import { InProcessLog } from './memory-event-log.js';

const boundMs = 10_000;
const aTopic = (name: string, durable = true) => ({ name, partitioned: true, config: {}, durable, about: '' });
const topics = [aTopic('facts'), aTopic('hints', false)];
const some = (count: number, text = 'x'): LogMessage[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: Buffer.from(text), timestamp: epochMs(0) }));
const done = (batch: RecordBatch): number => batch.records.at(-1)!.offset + 1;

describe('the in-process log', () => {
  let servers: InProcessServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
  });
  const serve = async (
    log: InProcessLog,
    handler: BatchHandler,
    options: InProcessServerOptions = {},
    topic = 'facts',
  ): Promise<void> => {
    const server = new InProcessServer(log, { firstRetryMs: 1, ...options });
    server.addHandler(topic, handler as unknown as MessageHandler, true, { group: 'reader' });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(() => resolve()));
  };

  it('has written to the journal before append resolves, but only what is durable', async () => {
    const journal = new MemoryJournal();
    const log = new InProcessLog({ topics, journal });
    await log.append('facts', some(3));
    await log.append('hints', some(3));
    expect(await journal.ends()).toEqual([{ topic: 'facts', partition: 0, startOffset: 0, endOffset: 3 }]);
  });

  it('goes on behind the journal after a restart and begins to read there', async () => {
    const journal = new MemoryJournal();
    await new InProcessLog({ topics, journal }).append('facts', some(3));
    const log = new InProcessLog({ topics, journal });
    const offsets: number[] = [];
    await serve(log, (batch) => {
      offsets.push(...batch.records.map(({ offset }) => offset));
      return Promise.resolve(done(batch));
    });
    await log.append('facts', some(2));
    await waitUntil(() => offsets.length === 2, boundMs, 'the new records');
    expect(offsets).toEqual([3, 4]);
    expect(await log.ends(['facts'])).toEqual([{ topic: 'facts', partition: 0, startOffset: 0, endOffset: 5 }]);
  });

  it('replays the journal from where the group begins, then what is new, in one order', async () => {
    const journal = new MemoryJournal();
    await new InProcessLog({ topics, journal }).append('facts', some(50));
    const log = new InProcessLog({ topics, journal });
    const offsets: number[] = [];
    const startAt = (): Promise<number> => Promise.resolve(20);
    const handler: BatchHandler = (batch) => {
      offsets.push(...batch.records.map(({ offset }) => offset));
      return Promise.resolve(done(batch));
    };
    await serve(log, handler, { startAt, mostRecords: 7 });
    await log.append('facts', some(50));
    await waitUntil(() => offsets.length === 80, boundMs, 'all records');
    expect(offsets).toEqual(Array.from({ length: 80 }, (_, i) => 20 + i));
  });

  it('says so when the journal is away, shows nobody what is not written down, and goes on when it is back', async () => {
    const stored = new MemoryJournal();
    let away = true;
    const journal: Journal = {
      append: (...args) => (away ? Promise.reject(new Error('away')) : stored.append(...args)),
      ends: () => stored.ends(),
      read: (...args) => stored.read(...args),
    };
    const log = new InProcessLog({ topics, journal });
    const seen: number[] = [];
    await serve(log, (batch) => {
      seen.push(batch.records.length);
      return Promise.resolve(done(batch));
    });
    await expect(log.append('facts', some(2))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true });
    expect(await log.ends(['facts'])).toMatchObject([{ endOffset: 0 }]);
    away = false;
    await log.append('facts', some(3));
    await waitUntil(() => seen.length > 0, boundMs, 'the records');
    expect(seen).toEqual([3]);
  });

  it('writes behind records that a failed journal write has stored after all, and hands them out too', async () => {
    const stored = new MemoryJournal();
    let fail = true;
    const journal: Journal = {
      async append(...args) {
        await stored.append(...args);
        if (fail) throw new Error('the answer was lost');
      },
      ends: () => stored.ends(),
      read: (...args) => stored.read(...args),
    };
    const log = new InProcessLog({ topics, journal });
    const texts: string[] = [];
    await serve(log, (batch) => {
      texts.push(...batch.records.map(({ value }) => Buffer.from(value!).toString()));
      return Promise.resolve(done(batch));
    });
    await expect(log.append('facts', some(1, 'unsure'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    fail = false;
    await log.append('facts', some(1, 'sure'));
    await waitUntil(() => texts.length === 2, boundMs, 'both records');
    expect(texts).toEqual(['unsure', 'sure']);
  });

  it('makes writers wait while readers are behind, and lets them go on as these catch up', async () => {
    const log = new InProcessLog({ topics, mostBytes: 100_000 });
    let open = false;
    let read = 0;
    await serve(log, async (batch) => {
      await waitUntil(() => open, boundMs, 'the gate');
      read += batch.records.length;
      return done(batch);
    });
    let appended = 0;
    const writing = (async () => {
      for (; appended < 100; appended += 1) await log.append('facts', some(10, 'y'.repeat(1_000)));
    })();
    await waitUntil(() => appended >= 8, boundMs, 'the limit');
    for (let turns = 0; turns < 100; turns += 1) await new Promise(setImmediate);
    expect(appended).toBeLessThan(12);
    open = true;
    await writing;
    await waitUntil(() => read === 1_000, boundMs, 'all records');
  });

  it('hands over in one batch whatever came while the last one was handled', async () => {
    const log = new InProcessLog({ topics });
    const sizes: number[] = [];
    let open = false;
    await serve(log, async (batch) => {
      sizes.push(batch.records.length);
      await waitUntil(() => open, boundMs, 'the gate');
      return done(batch);
    });
    await log.append('facts', some(1));
    await waitUntil(() => sizes.length === 1, boundMs, 'the first batch');
    for (let i = 0; i < 30; i += 1) await log.append('facts', some(10));
    open = true;
    await waitUntil(() => sizes.length === 2, boundMs, 'the second batch');
    expect(sizes).toEqual([1, 300]);
  });

  it('keeps nothing of what nobody reads', async () => {
    const log = new InProcessLog({ topics, mostBytes: 1_000 });
    await serve(log, (batch) => Promise.resolve(done(batch)));
    for (let i = 0; i < 20; i += 1) await log.append('hints', some(10));
    expect(await log.ends(['hints'])).toEqual([{ topic: 'hints', partition: 0, startOffset: 200, endOffset: 200 }]);
  });

  it('begins with the oldest there is when what a handler wants is gone', async () => {
    const log = new InProcessLog({ topics });
    const firsts: number[] = [];
    const handler: BatchHandler = (batch) => {
      firsts.push(batch.records[0]!.offset);
      return Promise.resolve(firsts.length === 2 ? 0 : done(batch));
    };
    await serve(log, handler, {}, 'hints');
    for (let i = 0; i < 3; i += 1) {
      await log.append('hints', some(5));
      await waitUntil(() => firsts.length > i, boundMs, 'a batch');
    }
    await waitUntil(() => firsts.at(-1) === 10, boundMs, 'the last batch');
    expect(firsts).toEqual([0, 5, 5, 10]);
  });

  it('refuses to write once it is closed, also to those who wait', async () => {
    const log = new InProcessLog({ topics, mostBytes: 100 });
    await serve(log, (batch) => new Promise((resolve) => batch.signal.addEventListener('abort', () => resolve(0))), {
      closeGraceMs: 1,
    });
    await log.append('facts', some(1));
    const waiting = log.append('facts', some(1));
    await log.close();
    await expect(waiting).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: false });
  });

  it('keeps no more than its cap of what stands in the journal, and readers get everything all the same', async () => {
    const log = new InProcessLog({ topics, journal: new MemoryJournal(), mostBytes: 50_000 });
    let open = false;
    const offsets: number[] = [];
    await serve(log, async (batch) => {
      await waitUntil(() => open, boundMs, 'the gate');
      offsets.push(...batch.records.map(({ offset }) => offset));
      return done(batch);
    });
    // Nobody waits for the reader, which stands still.
    for (let i = 0; i < 50; i += 1) {
      await log.append('facts', some(10, 'y'.repeat(1_000)));
      expect(await log.heldBytes()).toBeLessThan(50_000 + 15_000);
    }
    open = true;
    await waitUntil(() => offsets.length === 500, boundMs, 'all records');
    expect(offsets).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  it('tells writers who wait in vain for a reader, in bounded time, and has written nothing of theirs', async () => {
    const log = new InProcessLog({ topics, mostBytes: 1_000, mostWaitMs: 50 });
    let open = false;
    const texts: string[] = [];
    const handler: BatchHandler = async (batch) => {
      await waitUntil(() => open, boundMs, 'the gate');
      texts.push(...batch.records.map(({ value }) => Buffer.from(value!).toString()));
      return done(batch);
    };
    await serve(log, handler, {}, 'hints');
    await log.append('hints', some(5, 'in'));
    const tries = Array.from({ length: 20 }, () => log.append('hints', some(1, 'out')));
    for (const outcome of await Promise.allSettled(tries))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LOG_UNAVAILABLE', retryable: true } });
    expect(await log.heldBytes()).toBeLessThan(3_000);
    open = true;
    await waitUntil(() => texts.length === 5, boundMs, 'what was written');
    await log.append('hints', some(1, 'later'));
    await waitUntil(() => texts.length === 6, boundMs, 'what was written later');
    expect(texts).toEqual(['in', 'in', 'in', 'in', 'in', 'later']);
  });

  it('tells writers in bounded time when the journal hangs, and hands out what it has stored after all', async () => {
    const stored = new MemoryJournal();
    let goOn = (): void => {};
    const hanging = new Promise<void>((resolve) => (goOn = resolve));
    const journal: Journal = {
      append: (...args) => hanging.then(() => stored.append(...args)),
      ends: () => stored.ends(),
      read: (...args) => stored.read(...args),
    };
    const log = new InProcessLog({ topics, journal, mostBytes: 2_000, mostWaitMs: 50 });
    const texts: string[] = [];
    await serve(log, (batch) => {
      texts.push(...batch.records.map(({ value }) => Buffer.from(value!).toString()));
      return Promise.resolve(done(batch));
    });
    const tries = ['under way', ...Array.from({ length: 20 }, () => 'waits')].map((text) =>
      log.append('facts', some(1, text)),
    );
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(
      outcomes.filter((outcome) => /there is room for/.test(String((outcome as PromiseRejectedResult).reason))),
    ).not.toHaveLength(0);
    goOn();
    await log.append('facts', some(1, 'later'));
    await waitUntil(() => texts.at(-1) === 'later', boundMs, 'the records');
    expect(texts).toEqual(['under way', 'later']);
  });

  it('does not come to a standstill when a handler appends to a topic whose own reader stands still', async () => {
    // As in the product: the tracker hands on to the sentinel over a topic that is not durable, the sentinel over one that is.
    const chain = [aTopic('intake'), aTopic('touched', false), aTopic('moves')];
    const log = new InProcessLog({ topics: chain, journal: new MemoryJournal(), mostBytes: 2_000, mostWaitMs: 5_000 });
    const server = new InProcessServer(log, { firstRetryMs: 1 });
    servers.push(server);
    const handing =
      (to: string): BatchHandler =>
      async (batch) => {
        await log.append(
          to,
          batch.records.map(({ key, value, timestamp }) => ({ key: key!, value, timestamp })),
        );
        return done(batch);
      };
    let open = false;
    let delivered = 0;
    const courier: BatchHandler = async (batch) => {
      await waitUntil(() => open, boundMs, 'the gate');
      delivered += batch.records.length;
      return done(batch);
    };
    const handlers = { intake: handing('touched'), touched: handing('moves'), moves: courier };
    for (const [topic, handler] of Object.entries(handlers))
      server.addHandler(topic, handler as unknown as MessageHandler, true, { group: topic });
    await new Promise<void>((resolve) => server.listen(() => resolve()));
    for (let i = 0; i < 40; i += 1) await log.append('intake', some(5, 'z'.repeat(500)));
    await waitUntil(async () => (await log.ends(['moves']))[0]!.endOffset === 200, boundMs, 'the moves');
    expect(delivered).toBe(0);
    open = true;
    await waitUntil(() => delivered === 200, boundMs, 'the deliveries');
  });

  it('lets handlers that wait for each other’s full topics go, in bounded time, instead of for ever', async () => {
    const circle = [aTopic('there', false), aTopic('back', false)];
    const log = new InProcessLog({ topics: circle, mostBytes: 1_000, mostWaitMs: 50 });
    const server = new InProcessServer(log, { firstRetryMs: 1, longestRetryMs: 5 });
    servers.push(server);
    const failures: unknown[] = [];
    let isCircle = true;
    const handing =
      (to: string): BatchHandler =>
      async (batch) => {
        try {
          if (isCircle) await log.append(to, some(20));
        } catch (error) {
          failures.push(error);
          throw error;
        }
        return done(batch);
      };
    server.addHandler('there', handing('back') as unknown as MessageHandler, true, { group: 'g' });
    server.addHandler('back', handing('there') as unknown as MessageHandler, true, { group: 'g' });
    await new Promise<void>((resolve) => server.listen(() => resolve()));
    await Promise.allSettled([log.append('there', some(20)), log.append('back', some(20))]);
    await waitUntil(() => failures.length > 3, boundMs, 'handlers that are told');
    expect(failures[0]).toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true });
    expect(await log.heldBytes()).toBeLessThan(50_000);
    isCircle = false;
    await waitUntil(async () => (await log.heldBytes()) === 0, boundMs, 'both topics to be read');
  });

  it('hands out batches of a bounded weight, from memory and from the journal', async () => {
    const journal = new MemoryJournal();
    const heavy = 'h'.repeat(1_000_000);
    await new InProcessLog({ topics, journal }).append('facts', some(30, heavy));
    const log = new InProcessLog({ topics, journal, mostBytes: 1 << 30 });
    const weights: number[] = [];
    let count = 0;
    let open = false;
    const handler: BatchHandler = async (batch) => {
      await waitUntil(() => open, boundMs, 'the gate');
      weights.push(batch.records.reduce((sum, { value }) => sum + value!.length, 0));
      count += batch.records.length;
      return done(batch);
    };
    await serve(log, handler, { startAt: () => Promise.resolve(29) });
    await log.append('facts', some(30, heavy));
    open = true;
    await waitUntil(() => count === 31, boundMs, 'all records');
    expect(Math.max(...weights)).toBeLessThan(10 << 20);
  });

  it('drops a partition whose owner somebody else is, and reads on with the others', async () => {
    const log = new InProcessLog({ topics, partitions: 2 });
    const seen = [0, 0];
    let fenced = 0;
    const server = new InProcessServer(log, { firstRetryMs: 1 });
    servers.push(server);
    const handler: BatchHandler = (batch) => {
      if (batch.partition === 1) {
        fenced += 1;
        return Promise.reject(new ChurnError('FENCED', 'somebody else has taken over'));
      }
      seen[batch.partition]! += batch.records.length;
      return Promise.resolve(done(batch));
    };
    server.addHandler('facts', handler as unknown as MessageHandler, true, { group: 'reader' });
    await new Promise<void>((resolve) => server.listen(() => resolve()));
    for (let i = 0; i < 5; i += 1) {
      for (const partition of [0, 1])
        await log.append(
          'facts',
          some(1).map((message) => ({ ...message, partition })),
        );
      await waitUntil(() => seen[0] === i + 1 && fenced > 0, boundMs, 'the records');
    }
    expect(fenced).toBe(1);
    expect(server.assigned('facts')).toEqual([0]);
    expect(server.isReady()).toBe(false);
  });

  it('tries slowly what will not pass by itself, and skips nothing', async () => {
    const log = new InProcessLog({ topics });
    const triedAt: number[] = [];
    const handler: BatchHandler = (batch) => {
      triedAt.push(performance.now());
      if (triedAt.length < 3) return Promise.reject(new ChurnError('STORE_REFUSED', 'no such table'));
      return Promise.resolve(done(batch));
    };
    await serve(log, handler, { stuckRetryMs: 200 });
    await log.append('facts', some(3));
    await waitUntil(() => triedAt.length === 3, boundMs, 'the third try');
    expect(triedAt[2]! - triedAt[0]!).toBeGreaterThan(390);
  });
});
