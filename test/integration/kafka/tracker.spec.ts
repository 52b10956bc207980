import { randomUUID } from 'node:crypto';
import type { MessageHandler } from '@nestjs/microservices';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { defaultAdmissionLimits, encodeEnvelope, topics } from '#contracts';
import { epochMs, isoOf, systemClock, tenantId } from '#domain';
import { BatchKafkaServer, createTopics, KafkaEventLog } from '#kafka';
import type { EventLog, LogMessage } from '#pipeline';
import { ProgressReport, Tracker } from '#pipeline';
import { MemoryDeadLetters, MemoryLog, MemoryWindowStore } from '#pipeline/testing';
import { decodeTouched } from '../../../libs/pipeline/src/tracker/touched.js';
import { describeWithKafka, waitUntil } from '../../support/kafka-broker.js';
import { aTopic, settingsFor } from './consuming.js';

const boundMs = 40_000;

await describeWithKafka('a tracker on Kafka', (broker) => {
  let log: KafkaEventLog;
  let admin: Admin;
  const kafka = new kafkajs.Kafka({ brokers: [broker.address], logLevel: kafkajs.logLevel.NOTHING });
  const servers: BatchKafkaServer[] = [];

  beforeAll(async () => {
    log = new KafkaEventLog(settingsFor(broker));
    admin = kafka.admin();
    await admin.connect();
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
  afterAll(async () => {
    await log.close();
    await admin.disconnect();
  });

  let number = 0;
  const events = (count: number): LogMessage[] =>
    Array.from({ length: count }, () => {
      const id = String(number++);
      const now = epochMs(Date.now());
      const event = { specversion: '1.0', id, source: 'test', type: 'app_open', subject: 'ada', time: isoOf(now) };
      return { key: 'ada', value: encodeEnvelope(event as never), timestamp: now };
    });

  /** The real transport and the real tracker on one topic of the broker; the store is in memory and outlives them. */
  function aReader(topic: string, windows: MemoryWindowStore, group: string) {
    const settings = settingsFor(broker, { KAFKA_GROUP_PREFIX: group });
    const told = new MemoryLog();
    // What the tracker tells stays here; what it asks of the log is asked of the broker.
    const seen: EventLog = {
      append: (name, messages) => told.append(name, messages),
      partitionCount: () => told.partitionCount(),
      ends: () => log.ends([topic]),
    };
    const tracker = new Tracker({
      windows,
      log: seen,
      deadLetters: new MemoryDeadLetters(),
      clock: systemClock,
      observer: () => {},
      partitionOf: () => 0,
      tenant: tenantId('default'),
      limits: defaultAdmissionLimits,
      maxChunkRecords: 50,
    });
    const startAt = async (): Promise<number> => (await windows.lastPlan(topic, 0))?.firstOffset ?? 0;
    const server = new BatchKafkaServer(settings, { heartbeatMs: 300, firstRetryMs: 50, longestRetryMs: 400 }, startAt);
    server.addHandler(topic, tracker.fold.bind(tracker) as unknown as MessageHandler, true, { group: 'tracker' });
    server.listen(() => {});
    servers.push(server);
    const report = new ProgressReport(tracker, seen, server, systemClock);
    return {
      server,
      /** What it says now of how far it has read; null when it says nothing. */
      progress: async (): Promise<number | null> => {
        const before = told.written(topics.touched.name).length;
        await report.send();
        const [message] = told.written(topics.touched.name).slice(before);
        return message ? decodeTouched(message.value!).progress[0]![2] : null;
      },
    };
  }

  const ids = (windows: MemoryWindowStore): number[] => windows.events.map((event) => Number(event.id));
  const isUpTo = (windows: MemoryWindowStore, first: number) => () => ids(windows).length === number - first;
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

  it.each(['commit', 'abort'] as const)(
    'has read up to now though a transaction’s %s is the last in the log',
    async (end) => {
      const topic = await aTopic(settingsFor(broker), 1);
      const first = number;
      const windows = new MemoryWindowStore();
      const producer = kafka.producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true });
      await producer.connect();
      const transactionOf = async (count: number, kind: 'commit' | 'abort'): Promise<void> => {
        const transaction = await producer.transaction();
        const messages = events(count).map(({ key, value }) => ({ key, value: Buffer.from(value!) }));
        await transaction.send({ topic, messages });
        await transaction[kind]();
        if (kind === 'abort') number -= count;
      };
      await transactionOf(5, 'commit');
      const { progress } = aReader(topic, windows, randomUUID());
      await waitUntil(isUpTo(windows, first), boundMs, 'the committed events');
      await transactionOf(4, 'commit');
      // Its own fetch, which brings nothing that anybody could read.
      if (end === 'abort') {
        await waitUntil(isUpTo(windows, first), boundMs, 'the next committed events');
        await transactionOf(3, 'abort');
      }
      // Two markers more than records, or three. A transaction's end is answered before its marker is in the log.
      const last = end === 'commit' ? 11 : 15;
      await waitUntil(async () => (await log.ends([topic]))[0]?.endOffset === last, boundMs, 'the last marker');
      const asked = Date.now();
      await waitUntil(async () => ((await progress()) ?? 0) >= asked, boundMs, 'the progress up to now');
      expect(ids(windows)).toEqual(range(first, number));
      await producer.disconnect();
    },
  );

  it('takes what an open transaction holds for not there yet, and reads it once it is', async () => {
    const topic = await aTopic(settingsFor(broker), 1);
    const first = number;
    const windows = new MemoryWindowStore();
    await log.append(topic, events(2));
    const { progress } = aReader(topic, windows, randomUUID());
    await waitUntil(isUpTo(windows, first), boundMs, 'the events');
    const producer = kafka.producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({
      topic,
      messages: events(3).map(({ key, value }) => ({ key, value: Buffer.from(value!) })),
    });
    const opened = Date.now();
    await waitUntil(async () => ((await progress()) ?? 0) >= opened, boundMs, 'the progress up to now');
    expect(ids(windows)).toEqual(range(first, number - 3));
    await transaction.commit();
    await waitUntil(isUpTo(windows, first), boundMs, 'the committed events');
    const asked = Date.now();
    await waitUntil(async () => ((await progress()) ?? 0) >= asked, boundMs, 'the progress up to now');
    expect(ids(windows)).toEqual(range(first, number));
    await producer.disconnect();
  });

  it.each([
    ['shorter than before, while nobody reads', 3, false],
    ['longer than before already, while nobody reads', 30, false],
    ['while it is read', 3, true],
  ] as const)('reads a topic made anew, %s', async (_, count, isReading) => {
    const settings = settingsFor(broker);
    const topic = await aTopic(settings, 1);
    const group = randomUUID();
    const first = number;
    const windows = new MemoryWindowStore();
    await log.append(topic, events(10));
    const before = aReader(topic, windows, group);
    await waitUntil(isUpTo(windows, first), boundMs, 'the events before');
    if (!isReading) await servers.splice(0)[0]!.close();
    await admin.deleteTopics({ topics: [topic] });
    const gone = async (): Promise<boolean> => !(await admin.listTopics()).includes(topic);
    await waitUntil(gone, boundMs, 'the end of the old topic');
    const anew = { name: topic, partitioned: true, config: {}, durable: true, about: '' };
    await createTopics({ ...settings, KAFKA_PARTITIONS: 1 }, [anew]);
    const writer = new KafkaEventLog(settings);
    await writer.append(topic, events(count));
    await writer.close();
    const { progress } = isReading ? before : aReader(topic, windows, group);
    await waitUntil(isUpTo(windows, first), boundMs, 'the events of the new topic');
    expect(ids(windows)).toEqual(range(first, number));
    const asked = Date.now();
    await waitUntil(async () => ((await progress()) ?? 0) >= asked, boundMs, 'the progress up to now');
  });

  it('does not count twice what it reads again because the committed offsets are lost', async () => {
    const topic = await aTopic(settingsFor(broker), 1);
    const first = number;
    const windows = new MemoryWindowStore();
    await log.append(topic, events(120));
    aReader(topic, windows, randomUUID());
    await waitUntil(isUpTo(windows, first), boundMs, 'the events');
    await servers.splice(0)[0]!.close();
    await log.append(topic, events(5));
    aReader(topic, windows, randomUUID());
    await waitUntil(isUpTo(windows, first), boundMs, 'the events after');
    expect(ids(windows)).toEqual(range(first, number));
  });
});
