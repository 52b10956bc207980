import type { MessageHandler } from '@nestjs/microservices';
import { epochMs } from '#domain';
import type { BatchServer } from '#kafka';
import { partitionOf } from '#kafka';
import type { BatchHandler, EventLog, LogMessage, LogRecord, RecordBatch } from '#pipeline';
import { waitUntil } from '../support/kafka-broker/wait-until.js';

/** One log and a way to consume it, ready for one test. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** A topic of the test's own with three partitions. */
  readonly topic: string;
  /** A transport whose groups begin at the first record; not listening yet. */
  consumers(): BatchServer & { listen(callback: () => void): void; close(): Promise<void> };
}

const boundMs = 20_000;
const aMessage = (key: string, text: string, more: Partial<LogMessage> = {}): LogMessage => ({
  key,
  value: Buffer.from(text),
  timestamp: epochMs(1_500_000_000_000),
  ...more,
});
const oneEach = (count: number, partition?: number): LogMessage[] =>
  Array.from({ length: count }, (_, i) =>
    aMessage(`k${i % 20}`, String(i), partition === undefined ? {} : { partition }),
  );
const textOf = (record: LogRecord): string => Buffer.from(record.value!).toString();
const done = (batch: RecordBatch): number => batch.records.at(-1)!.offset + 1;

/** What every event log with its transport must do. Run it against each adapter. */
export function eventLogContract(name: string, make: () => Promise<LogUnderTest>): void {
  describe(`${name} as an event log`, () => {
    let it_: LogUnderTest;
    let open: { close(): Promise<void> }[] = [];
    beforeEach(async () => {
      it_ = await make();
    });
    afterEach(async () => {
      await Promise.all(open.map((server) => server.close()));
      open = [];
    });

    const consume = (handler: BatchHandler, group = 'reader'): BatchServer & { close(): Promise<void> } => {
      const server = it_.consumers();
      server.addHandler(it_.topic, handler as unknown as MessageHandler, true, { group });
      server.listen(() => {});
      open.push(server);
      return server;
    };
    const collect = (group?: string): LogRecord[] => {
      const records: LogRecord[] = [];
      consume((batch) => {
        records.push(...batch.records);
        return Promise.resolve(done(batch));
      }, group);
      return records;
    };

    it('says how far each partition reaches as soon as an append has resolved', async () => {
      const { log, topic } = it_;
      const empty = [0, 1, 2].map((partition) => ({ topic, partition, startOffset: 0, endOffset: 0 }));
      expect(await log.ends([topic])).toEqual(empty);
      expect(await log.partitionCount(topic)).toBe(3);
      await log.append(topic, oneEach(5, 1));
      await log.append(topic, []);
      expect((await log.ends([topic])).map(({ endOffset }) => endOffset)).toEqual([0, 5, 0]);
    });

    it('puts a key where Kafka puts it, unless a partition is named', async () => {
      const { log, topic } = it_;
      const records = new Map<number, string[]>();
      consume((batch) => {
        const keys = records.get(batch.partition) ?? [];
        keys.push(...batch.records.map(({ key }) => key!));
        records.set(batch.partition, keys);
        return Promise.resolve(done(batch));
      });
      await log.append(topic, oneEach(200));
      await log.append(topic, [aMessage('elsewhere', 'x', { partition: 2 })]);
      await waitUntil(() => [...records.values()].flat().length === 201, boundMs, 'all records');
      for (const [partition, keys] of records) {
        for (const key of keys) expect(key === 'elsewhere' ? 2 : partitionOf(key, 3)).toBe(partition);
      }
    });

    it('carries key, bytes, headers, time and tombstones as they were', async () => {
      const { log, topic } = it_;
      const records = collect();
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      await log.append(topic, [
        {
          key: '客户-1',
          value: bytes,
          headers: { 'content-type': 'x/y' },
          timestamp: epochMs(1_500_000_000_123),
          partition: 0,
        },
        { key: 'gone', value: null, timestamp: epochMs(1_500_000_000_124), partition: 0 },
      ]);
      await waitUntil(() => records.length === 2, boundMs, 'both records');
      expect(records[0]).toMatchObject({ offset: 0, key: '客户-1', timestamp: 1_500_000_000_123 });
      expect(records[0]!.headers).toEqual({ 'content-type': 'x/y' });
      expect(Buffer.from(records[0]!.value!).equals(Buffer.from(bytes))).toBe(true);
      expect(records[1]).toMatchObject({ offset: 1, key: 'gone', value: null, headers: {} });
    });

    it('keeps the order of appends within a key, also of those that overlap', async () => {
      const { log, topic } = it_;
      const records = collect();
      const appends = Array.from({ length: 60 }, (_, i) =>
        log.append(topic, [aMessage('a', `${i}`), aMessage('b', `${i}`)]),
      );
      await Promise.all(appends);
      await waitUntil(() => records.length === 120, boundMs, 'all records');
      for (const key of ['a', 'b']) {
        const own = records.filter((record) => record.key === key).map(textOf);
        expect(own).toEqual(Array.from({ length: 60 }, (_, i) => `${i}`));
      }
    });

    it('takes one append of many megabytes', async () => {
      const { log, topic } = it_;
      const records = collect();
      const filler = 'x'.repeat(900);
      await log.append(
        topic,
        Array.from({ length: 6_000 }, (_, i) => aMessage('big', `${i} ${filler}`)),
      );
      await waitUntil(() => records.length === 6_000, boundMs, 'all records');
      expect(records.map((record) => Number.parseInt(textOf(record), 10))).toEqual(records.map((_, i) => i));
    });

    it('hands out what was appended before anybody listened, once to each group', async () => {
      const { log, topic } = it_;
      await log.append(topic, oneEach(50));
      const server = it_.consumers();
      const seen: Record<string, number> = { one: 0, two: 0 };
      for (const group of ['one', 'two']) {
        const handler: BatchHandler = (batch) => {
          seen[group]! += batch.records.length;
          return Promise.resolve(done(batch));
        };
        server.addHandler(topic, handler as unknown as MessageHandler, true, { group });
      }
      server.listen(() => {});
      open.push(server);
      await waitUntil(() => seen['one']! >= 50 && seen['two']! >= 50, boundMs, 'both groups');
      expect(seen).toEqual({ one: 50, two: 50 });
      expect(server.assigned(topic)).toEqual([0, 1, 2]);
      expect(server.isReady()).toBe(true);
    });

    it('never runs two batches of one partition at a time, and several partitions side by side', async () => {
      const { log, topic } = it_;
      const running = new Set<number>();
      let together = 0;
      let handled = 0;
      for (const partition of [0, 1, 2]) await log.append(topic, oneEach(10, partition));
      consume(async (batch) => {
        expect(running.has(batch.partition)).toBe(false);
        running.add(batch.partition);
        together = Math.max(together, running.size);
        if (together === 1) await waitUntil(() => together > 1, boundMs, 'another partition');
        handled += batch.records.length;
        running.delete(batch.partition);
        return done(batch);
      });
      await waitUntil(() => handled === 30, boundMs, 'all records');
      expect(together).toBeGreaterThan(1);
    });

    it('goes where the answer says: inside the batch, back, ahead', async () => {
      const { log, topic } = it_;
      await log.append(topic, oneEach(100, 0));
      const firsts: number[] = [];
      const answers = [40, 10, 90];
      consume((batch) => {
        firsts.push(batch.records[0]!.offset);
        return Promise.resolve(answers[firsts.length - 1] ?? done(batch));
      });
      await waitUntil(() => firsts.length === 4, boundMs, 'four batches');
      await log.append(topic, oneEach(1, 0));
      await waitUntil(() => firsts.length === 5, boundMs, 'the record after');
      expect(firsts).toEqual([0, 40, 10, 90, 100]);
    });

    it('brings the same records again after a throw, and no others before they are done', async () => {
      const { log, topic } = it_;
      await log.append(topic, oneEach(10, 0));
      const firsts: number[] = [];
      const kept: LogRecord[] = [];
      consume(async (batch) => {
        firsts.push(batch.records[0]!.offset);
        if (firsts.length === 1) await log.append(topic, oneEach(5, 0));
        if (firsts.length < 4) throw new Error('the store is away');
        kept.push(...batch.records);
        return done(batch);
      });
      await waitUntil(() => kept.length === 15, boundMs, 'all records');
      expect(firsts.slice(0, 4)).toEqual([0, 0, 0, 0]);
      expect(kept.map(({ offset }) => offset)).toEqual(Array.from({ length: 15 }, (_, i) => i));
    });

    it('retries a handler that answers no offset', async () => {
      const { log, topic } = it_;
      await log.append(topic, oneEach(1, 0));
      let calls = 0;
      consume((batch) => Promise.resolve((calls += 1) < 3 ? (undefined as unknown as number) : done(batch)));
      await waitUntil(() => calls === 3, boundMs, 'the third try');
    });

    it('lets a running handler finish when it closes, and hands out nothing more', async () => {
      const { log, topic } = it_;
      await log.append(topic, oneEach(1, 0));
      const signals: AbortSignal[] = [];
      let finish = (): void => {};
      const server = consume(async (batch) => {
        signals.push(batch.signal);
        await new Promise<void>((resolve) => (finish = resolve));
        return done(batch);
      });
      await waitUntil(() => signals.length === 1, boundMs, 'a running handler');
      const closing = server.close();
      expect(signals[0]!.aborted).toBe(false);
      finish();
      await closing;
      await log.append(topic, oneEach(1, 0));
      expect(signals).toHaveLength(1);
      expect(signals[0]!.aborted).toBe(true);
      expect(server.isReady()).toBe(false);
    });

    it('refuses a topic that is not there', async () => {
      await expect(it_.log.append('no-such-topic', oneEach(1))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      await expect(it_.log.partitionCount('no-such-topic')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    });
  });
}
