import { allTopics } from '#contracts';
import { createTopics } from '#kafka';
import { kafkaSettings, loadConfig } from '#platform';
import { firstAlertStory } from '../../support/first-alert.story.js';
import { describeWithKafka } from '../../support/kafka-broker.js';

await describeWithKafka('from an event to an alert, on Kafka', (broker) => {
  const settings = (): Record<string, string> => ({ KAFKA_BROKERS: broker.address, KAFKA_PARTITIONS: '3' });
  beforeAll(() => createTopics(loadConfig(kafkaSettings, settings()), allTopics));
  firstAlertStory(settings);
});
