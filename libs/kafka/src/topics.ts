import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { Topic } from '#contracts';
import type { KafkaSettings } from '#platform';
import { connectKafka } from './connect.js';
import type { Warn } from './connect.js';

/** What became of one topic. `differs` names every setting that is not as asked: it is reported, never changed. */
export type TopicOutcome =
  | { readonly topic: string; readonly kind: 'made' | 'kept' }
  | { readonly topic: string; readonly kind: 'differs'; readonly differences: readonly string[] };

/** Makes the topics that are missing. Repeating it, or two doing it at once, changes nothing more. */
export async function createTopics(
  settings: KafkaSettings,
  topics: readonly Topic[],
  warn: Warn = () => {},
): Promise<readonly TopicOutcome[]> {
  const admin = connectKafka(settings, { warn, retry: { retries: 5 } }).admin();
  await admin.connect();
  try {
    const before = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !before.has(name));
    if (missing.length > 0) await makeTopics(admin, settings, missing);
    const made = new Set(missing.map(({ name }) => name));
    const differences = await compare(admin, settings, topics);
    return topics.map(({ name: topic }): TopicOutcome => {
      const found = differences.get(topic) ?? [];
      if (found.length > 0) return { topic, kind: 'differs', differences: found };
      return { topic, kind: made.has(topic) ? 'made' : 'kept' };
    });
  } finally {
    await admin.disconnect();
  }
}

const partitionsOf = (topic: Topic, settings: KafkaSettings): number =>
  topic.partitioned ? settings.KAFKA_PARTITIONS : 1;

async function makeTopics(admin: Admin, settings: KafkaSettings, missing: readonly Topic[]): Promise<void> {
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: partitionsOf(topic, settings),
        replicationFactor: settings.KAFKA_REPLICATION,
        configEntries: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    // Another instance was faster: what it made is compared like any other.
    if (!isAlreadyThere(error)) throw error;
  }
}

function isAlreadyThere(error: unknown): boolean {
  const each = error instanceof kafkajs.KafkaJSAggregateError ? error.errors : [error];
  return each.every((one) => one instanceof kafkajs.KafkaJSProtocolError && one.type === 'TOPIC_ALREADY_EXISTS');
}

async function compare(
  admin: Admin,
  settings: KafkaSettings,
  topics: readonly Topic[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = topics.map(({ name }) => name);
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  const differences = new Map<string, readonly string[]>();
  for (const topic of topics) {
    const found: string[] = [];
    const has = metadata.find(({ name }) => name === topic.name)?.partitions.length;
    const wanted = partitionsOf(topic, settings);
    if (has !== wanted) found.push(`partitions: ${has}, wanted ${wanted}`);
    const entries = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    for (const [name, value] of Object.entries(topic.config)) {
      const actual = entries.find(({ configName }) => configName === name)?.configValue;
      if (actual !== value) found.push(`${name}: ${actual}, wanted ${value}`);
    }
    differences.set(topic.name, found);
  }
  return differences;
}
