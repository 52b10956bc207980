import { randomUUID } from 'node:crypto';
import { BatchKafkaServer, createTopics, InProcessLog, InProcessServer, KafkaEventLog } from '#kafka';
import { kafkaSettings, loadConfig } from '#platform';
import { describeWithKafka } from '../support/kafka-broker.js';
import { MemoryJournal } from '../support/memory-journal.js';
import { eventLogContract } from './event-log.contract.js';

const aTopic = { name: 'contract', partitioned: true, config: {}, durable: true, about: '' };

eventLogContract('the in-process log', () => {
  const log = new InProcessLog({ topics: [aTopic], partitions: 3, journal: new MemoryJournal() });
  return Promise.resolve({
    log,
    topic: aTopic.name,
    consumers: () => new InProcessServer(log, { firstRetryMs: 10, longestRetryMs: 50 }),
  });
});

await describeWithKafka('with a broker', (broker) => {
  const env = { KAFKA_BROKERS: broker.address, KAFKA_PARTITIONS: '3' };
  const log = new KafkaEventLog(loadConfig(kafkaSettings, env));
  afterAll(() => log.close());

  eventLogContract('Kafka', async () => {
    const name = randomUUID();
    const settings = loadConfig(kafkaSettings, { ...env, KAFKA_GROUP_PREFIX: name });
    await createTopics(settings, [{ ...aTopic, name }]);
    const timings = { firstRetryMs: 20, longestRetryMs: 100 };
    return { log, topic: name, consumers: () => new BatchKafkaServer(settings, timings) };
  });
});
