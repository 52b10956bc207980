import type { MessageHandler } from '@nestjs/microservices';
import { epochMs } from '#domain';
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
});
