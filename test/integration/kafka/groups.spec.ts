import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { KafkaEventLog } from '#kafka';
import type { BatchHandler } from '#pipeline';
import { describeWithKafka, waitUntil } from '../../support/kafka-broker.js';
import { aMessage, aTopic, done, Member, messages, settingsFor } from './consuming.js';

const boundMs = 25_000;

await describeWithKafka('a consumer group over batches', (broker) => {
  const members: Member[] = [];
  let log: KafkaEventLog;
  let admin: Admin;
  let settings: ReturnType<typeof settingsFor>;

  beforeAll(async () => {
    log = new KafkaEventLog(settingsFor(broker));
    admin = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  beforeEach(() => {
    settings = settingsFor(broker, { KAFKA_GROUP_PREFIX: randomUUID() });
  });
  afterEach(() => Promise.all(members.splice(0).map((member) => member.server.close())));
  afterAll(async () => {
    await log.close();
    await admin.disconnect();
  });

  const join = (...args: ConstructorParameters<typeof Member>): Member => {
    const member = new Member(...args);
    members.push(member);
    return member;
  };
  const committed = async (topic: string): Promise<number[]> => {
    const groupId = `${settings.KAFKA_GROUP_PREFIX}-reader`;
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return offsets!.partitions.sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
  };

  it('starts a new group at the beginning and keeps the order within a partition', async () => {
    const topic = await aTopic(settings);
    await log.append(topic, messages(1_000));
    const member = join(settings, topic);
    await waitUntil(() => member.has(1_000), boundMs, 'all records');
    for (const batch of member.batches) {
      const offsets = batch.records.map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.map((_, i) => offsets[0]! + i));
      expect(batch.endOffset).toBeGreaterThan(offsets.at(-1)!);
    }
    expect(member.server.isReady()).toBe(true);
    expect(member.server.assigned(topic)).toEqual([0, 1, 2]);
    expect(member.server.assigned('another')).toEqual([]);
  });

  it('commits what is done, so that the next member begins there', async () => {
    const topic = await aTopic(settings);
    await log.append(topic, messages(300));
    const first = join(settings, topic);
    await waitUntil(() => first.has(300), boundMs, 'the first 300');
    const ends = (await log.ends([topic])).map(({ endOffset }) => endOffset);
    await waitUntil(async () => String(await committed(topic)) === String(ends), boundMs, 'the commits');
    await first.server.close();
    await log.append(topic, messages(100, 300));
    const second = join(settings, topic);
    await waitUntil(() => second.has(100), boundMs, 'the next 100');
    expect(Math.min(...second.values.map(Number))).toBe(300);
  });

  it('brings the same batch again after a throw and nothing behind it', async () => {
    const topic = await aTopic(settings, 1);
    await log.append(topic, messages(10));
    const seen: string[] = [];
    const member = join(settings, topic, async (batch) => {
      const range = `${batch.records[0]!.offset}-${batch.records.at(-1)!.offset}`;
      seen.push(range);
      // New records arrive while the batch waits for its next try.
      if (seen.length === 1) await log.append(topic, messages(5, 10));
      if (seen.length < 4) throw new Error('the store is away');
      return done(batch);
    });
    await waitUntil(() => member.has(15), boundMs, 'all records');
    expect(seen).toEqual(['0-9', '0-9', '0-9', '0-9', '10-14']);
  });

  it('goes on with the other partitions while one keeps failing', async () => {
    const topic = await aTopic(settings, 3);
    await log.append(topic, messages(300));
    let failures = 0;
    const member = join(settings, topic, (batch) => {
      if (batch.partition !== 1) return Promise.resolve(done(batch));
      failures += 1;
      return Promise.reject(new Error('poison'));
    });
    const elsewhere = (await log.ends([topic])).filter(({ partition }) => partition !== 1);
    const expected = elsewhere.reduce((sum, { endOffset }) => sum + endOffset, 0);
    await waitUntil(() => member.has(expected) && failures >= 3, boundMs, 'the other partitions');
    expect((await committed(topic))[1]).toBe(-1);
  });

  it('goes back, stays inside a batch and skips ahead as the answer says', async () => {
    const topic = await aTopic(settings, 1);
    await log.append(topic, messages(100));
    const firsts: number[] = [];
    const answers = [40, 10, 90, 100];
    const member = join(settings, topic, (batch) => {
      firsts.push(batch.records[0]!.offset);
      return Promise.resolve(answers[firsts.length - 1] ?? done(batch));
    });
    await waitUntil(() => firsts.length >= 4, boundMs, 'four batches');
    expect(firsts).toEqual([0, 40, 10, 90]);
    await waitUntil(async () => (await committed(topic))[0] === 100, boundMs, 'the commit of 100');
    expect(member.batches).toHaveLength(4);
  });

  it('shares with a member that joins and takes over from one that leaves, without losing a record', async () => {
    const topic = await aTopic(settings, 6);
    const first = join(settings, topic);
    let sent = 0;
    const send = async (): Promise<void> => {
      await log.append(topic, messages(200, sent));
      sent += 200;
    };
    await send();
    await waitUntil(() => first.has(sent), boundMs, 'the first records');
    const second = join(settings, topic);
    await waitUntil(() => second.server.assigned(topic).length === 3, boundMs, 'the second member to get its share');
    await waitUntil(() => first.server.assigned(topic).length === 3, boundMs, 'the first member to give up half');
    const owned = [...first.server.assigned(topic), ...second.server.assigned(topic)].sort();
    expect(owned).toEqual([0, 1, 2, 3, 4, 5]);
    const all = (): number => new Set([...first.values, ...second.values]).size;
    await send();
    await waitUntil(() => all() === sent, boundMs, 'all records');
    await first.server.close();
    await send();
    await waitUntil(() => all() === sent && second.server.assigned(topic).length === 6, boundMs, 'the take-over');
    // The first left in good order, all its work committed: nothing came twice.
    expect(first.records.length + second.records.length).toBe(sent);
  });

  it('keeps its membership over a handler that takes longer than the session', async () => {
    const topic = await aTopic(settings, 1);
    await log.append(topic, messages(10));
    // The shortest session the broker allows, so that the handler outlasts it.
    const slow: BatchHandler = async (batch) => {
      const startedAt = performance.now();
      await waitUntil(() => performance.now() - startedAt > 8_000, 20_000, 'a slow insert');
      return done(batch);
    };
    const member = join(settings, topic, slow, { sessionTimeoutMs: 6_000, heartbeatMs: 1_000 });
    await waitUntil(() => member.has(10), boundMs, 'the slow batch');
    await waitUntil(async () => (await committed(topic))[0] === 10, boundMs, 'the commit');
    expect(member.batches).toHaveLength(1);
  });

  it('aborts the signal of a running handler when the group shares anew, and loses nothing', async () => {
    const topic = await aTopic(settings, 2);
    await log.append(topic, messages(20));
    let aborted = 0;
    const first = join(settings, topic, async (batch) => {
      await waitUntil(() => batch.signal.aborted, boundMs, 'the abort');
      aborted += 1;
      throw new Error('stopped in the middle');
    });
    await waitUntil(() => first.batches.length > 0, boundMs, 'a running handler');
    const second = join(settings, topic);
    await waitUntil(() => aborted > 0 && second.server.assigned(topic).length === 1, boundMs, 'the new shares');
    await first.server.close();
    await waitUntil(() => second.has(20), boundMs, 'all records');
    expect(first.records).toHaveLength(0);
  });

  it('lets the running handler finish when it closes, then commits', async () => {
    const topic = await aTopic(settings, 1);
    await log.append(topic, [aMessage('k', 'v')]);
    let finish = (): void => {};
    const member = join(settings, topic, async (batch) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return done(batch);
    });
    await waitUntil(() => member.batches.length === 1, boundMs, 'a running handler');
    const closing = member.server.close();
    finish();
    await closing;
    expect(member.batches[0]!.signal.aborted).toBe(true);
    expect(await committed(topic)).toEqual([1]);
  });

  it('begins at the first record still there when those it wanted are gone', async () => {
    const topic = await aTopic(settings, 1);
    await log.append(topic, messages(50));
    const first = join(settings, topic);
    await waitUntil(() => first.has(50), boundMs, 'the first 50');
    await waitUntil(async () => (await committed(topic))[0] === 50, boundMs, 'the commit');
    await first.server.close();
    await log.append(topic, messages(50, 50));
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '80' }] });
    const second = join(settings, topic);
    await waitUntil(() => second.has(20), boundMs, 'the last 20');
    expect(second.values[0]).toBe('80');
    expect(await log.ends([topic])).toEqual([{ topic, partition: 0, startOffset: 80, endOffset: 100 }]);
  });

  it.each(['stop', 'kill'] as const)(
    'goes on by itself after a broker %s and start',
    async (how) => {
      const topic = await aTopic(settings);
      const member = join(settings, topic);
      await log.append(topic, messages(100));
      await waitUntil(() => member.has(100), boundMs, 'the first 100');
      await broker[how]();
      await expect(log.append(topic, messages(1))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true });
      await broker.start();
      await log.append(topic, messages(100, 100));
      await waitUntil(() => member.has(200), boundMs, 'the records after the restart');
      expect(member.server.isReady()).toBe(true);
    },
    120_000,
  );
});
