import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import kafkajs from 'kafkajs';
import { allTopics } from '#contracts';
import { createTopics, KafkaEventLog, partitionOf } from '#kafka';
import { describeWithKafka, waitUntil } from '../../support/kafka-broker.js';
import { aMessage, aTopic, Member, messages, settingsFor } from './consuming.js';

const boundMs = 25_000;
const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

await describeWithKafka('the event log on Kafka', (broker) => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  });
  const openLog = (more: Record<string, string> = {}): KafkaEventLog => {
    const log = new KafkaEventLog(settingsFor(broker, more));
    opened.push(log);
    return log;
  };
  const read = (topic: string): Member => {
    const member = new Member(settingsFor(broker, { KAFKA_GROUP_PREFIX: topic }), topic);
    opened.push(member.server);
    return member;
  };

  it.each(compressions)('writes and reads %s', async (compression) => {
    const topic = await aTopic(settingsFor(broker));
    await openLog({ KAFKA_COMPRESSION: compression }).append(topic, messages(2_000));
    const member = read(topic);
    await waitUntil(() => member.has(2_000), boundMs, 'all records');
    expect(new Set(member.values)).toEqual(new Set(messages(2_000).map(({ value }) => Buffer.from(value!).toString())));
  });

  it('reads what a Java client wrote, in every compression, from the partitions where we look for a key', async () => {
    if (!broker.javaClient) return;
    const topic = await aTopic(settingsFor(broker));
    const keys = Array.from({ length: 20_000 }, (_, i) => `customer-${i}`);
    await broker.javaClient(['produce', broker.address, topic, compressions.join(',')], keys.join('\n'));
    const member = read(topic);
    await waitUntil(() => member.has(100_000), boundMs, 'all records');
    const expected = compressions.flatMap((compression) => keys.map((key) => `${compression}:${key}`));
    expect(new Set(member.values)).toEqual(new Set(expected));
    for (const { partition, records } of member.batches) {
      for (const { key } of records) expect(partitionOf(key!, 3)).toBe(partition);
    }
  }, 90_000);

  it('is read by a Java client, in every compression', async () => {
    if (!broker.javaClient) return;
    const topic = await aTopic(settingsFor(broker));
    const expected: string[] = [];
    for (const compression of compressions) {
      const own = Array.from({ length: 500 }, (_, i) => aMessage(`key-${i}`, `${compression}:${i}`));
      await openLog({ KAFKA_COMPRESSION: compression }).append(topic, own);
      expected.push(...own.map(({ key }, i) => `${partitionOf(key, 3)}\t${key}\t${compression}:${i}`));
    }
    const printed = await broker.javaClient(['consume', broker.address, topic, String(expected.length)]);
    expect(printed.trim().split('\n').sort()).toEqual(expected.sort());
  }, 90_000);

  it('gives Kafka the time of writing, by which it deletes, and the message its own back', async () => {
    const topic = await aTopic(settingsFor(broker));
    await openLog().append(topic, [aMessage('k', 'from 2017')]);
    const member = read(topic);
    await waitUntil(() => member.has(1), boundMs, 'the record');
    expect(member.records[0]).toMatchObject({ timestamp: 1_500_000_000_000, headers: {} });
    const admin = new kafkajs.Kafka({ brokers: [broker.address], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    const sinceYesterday = await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() - 86_400_000);
    await admin.disconnect();
    // An old timestamp would answer with the end of the partition, which is 1 for the one that was written to.
    expect(sinceYesterday.map(({ offset }) => Number(offset))).toEqual([0, 0, 0]);
  });

  it('answers questions that are asked at once: one about some topics does not take the others away', async () => {
    const [first, second, third] = [
      await aTopic(settingsFor(broker)),
      await aTopic(settingsFor(broker)),
      await aTopic(settingsFor(broker)),
    ];
    const log = openLog();
    const times = 300;
    const endsOf = async (): Promise<void> => {
      for (let n = 0; n < times; n++) expect(await log.ends([first, second])).toHaveLength(6);
    };
    const countsOf = async (topic: string): Promise<void> => {
      for (let n = 0; n < times; n++) expect(await log.partitionCount(topic)).toBe(3);
    };
    await Promise.all([endsOf(), countsOf(third), endsOf(), countsOf(first), countsOf(third)]);
  }, 60_000);

  it('refuses what is too large for the broker for good, without harm to what travels with it', async () => {
    const topic = await aTopic(settingsFor(broker));
    const log = openLog({ KAFKA_COMPRESSION: 'none' });
    const first = log.append(topic, messages(1));
    const tooLarge = log.append(topic, [aMessage('k', 'x'.repeat(2_000_000))]);
    const last = log.append(topic, messages(1));
    await expect(tooLarge).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: false });
    await Promise.all([first, last]);
    const total = (await log.ends([topic])).reduce((sum, { endOffset }) => sum + endOffset, 0);
    expect(total).toBe(2);
  });

  describe('when an answer of the broker is lost', () => {
    let proxy: Server;
    let holdAnswers = false;
    const sockets = new Set<Socket>();
    const proxied = (): Record<string, string> => ({
      KAFKA_BROKERS: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    });

    beforeAll(async () => {
      const [host, port] = broker.address.split(':');
      proxy = createServer((client) => {
        const upstream = createConnection({ host: host!, port: Number(port) });
        for (const socket of [client, upstream]) {
          sockets.add(socket);
          socket.on('error', () => {});
        }
        client.pipe(upstream);
        upstream.on('data', (bytes) => {
          if (holdAnswers) client.destroy();
          else client.write(bytes);
        });
        client.on('close', () => upstream.end());
        upstream.on('close', () => client.end());
      }).listen(0, '127.0.0.1');
      await once(proxy, 'listening');
    });
    afterAll(() => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    });

    /** kafkajs with its address for the broker bent to the proxy: the broker tells its own. */
    const throughProxy = (retries: number): kafkajs.Producer => {
      const socketFactory: kafkajs.ISocketFactory = ({ onConnect }) =>
        createConnection({ host: '127.0.0.1', port: (proxy.address() as AddressInfo).port }, onConnect);
      const brokers = [proxied()['KAFKA_BROKERS']!];
      const kafka = new kafkajs.Kafka({ brokers, socketFactory, logLevel: kafkajs.logLevel.NOTHING });
      return kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        retry: { retries, initialRetryTime: 50, maxRetryTime: 100 },
      });
    };
    const send = (producer: kafkajs.Producer, topic: string, value: string): Promise<unknown> =>
      producer.send({ topic, acks: -1, messages: [{ key: 'k', value }] });
    const endOf = async (topic: string): Promise<number> =>
      (await openLog().ends([topic])).reduce((sum, { endOffset }) => sum + endOffset, 0);

    it('the idempotent producer repeats its request and the record is there once', async () => {
      const topic = await aTopic(settingsFor(broker));
      const producer = throughProxy(50);
      await producer.connect();
      await send(producer, topic, 'first');
      holdAnswers = true;
      const sending = send(producer, topic, 'second');
      await waitUntil(async () => (await endOf(topic)) === 2, boundMs, 'the record whose answer is lost');
      holdAnswers = false;
      await sending;
      await producer.disconnect();
      expect(await endOf(topic)).toBe(2);
    });

    it('a producer of kafkajs that gave up must not be used again: the broker drops its next record with a success (when this fails, upstream is fixed)', async () => {
      const topic = await aTopic(settingsFor(broker));
      const producer = throughProxy(1);
      await producer.connect();
      await send(producer, topic, 'first');
      holdAnswers = true;
      await expect(send(producer, topic, 'second')).rejects.toThrow();
      await waitUntil(async () => (await endOf(topic)) === 2, boundMs, 'the record whose answer is lost');
      holdAnswers = false;
      await send(producer, topic, 'third');
      await producer.disconnect();
      const member = read(topic);
      await waitUntil(() => member.has(2), boundMs, 'two records');
      expect(member.values).toEqual(['first', 'second']);
      expect(await endOf(topic)).toBe(2);
    });
  });

  describe('createTopics', () => {
    it('makes what is missing, keeps what is there, and tells what differs', async () => {
      const settings = settingsFor(broker);
      const [one, two] = await Promise.all([createTopics(settings, allTopics), createTopics(settings, allTopics)]);
      for (const outcome of [...one, ...two]) expect(['made', 'kept']).toContain(outcome.kind);
      const again = await createTopics(settings, allTopics);
      expect(new Set(again.map(({ kind }) => kind))).toEqual(new Set(['kept']));
      expect(await openLog().partitionCount('churnwatch.activity.v1')).toBe(3);
      expect(await openLog().partitionCount('churnwatch.dead-letter.v1')).toBe(1);
      const [differs] = await createTopics({ ...settings, KAFKA_PARTITIONS: 5 }, [
        { ...allTopics[0]!, config: { ...allTopics[0]!.config, 'retention.ms': '1000' } },
      ]);
      expect(differs).toEqual({
        topic: 'churnwatch.activity.v1',
        kind: 'differs',
        differences: ['partitions: 3, wanted 5', 'retention.ms: 604800000, wanted 1000'],
      });
    });
  });
});
