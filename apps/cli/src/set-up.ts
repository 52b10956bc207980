import { migrate, openStore } from '#clickhouse';
import { allTopics } from '#contracts';
import { ChurnError } from '#domain';
import { createTopics } from '#kafka';
import type { Environment } from '#platform';
import { clickhouseSettings, generalSettings, kafkaSettings, loadConfig } from '#platform';
import type { Terminal } from './terminal.js';

/** Brings the store's tables up to date. */
export async function migrateStore(env: Environment, terminal: Terminal): Promise<void> {
  const store = openStore({ ...loadConfig(generalSettings, env), ...loadConfig(clickhouseSettings, env) });
  try {
    const applied = await migrate(store);
    for (const name of applied) terminal.say(`applied ${name}`);
    if (applied.length === 0) terminal.say('The tables are up to date.');
  } finally {
    await store.close();
  }
}

/** Makes missing topics. True when all are as this version wants them. */
export async function makeTopics(env: Environment, terminal: Terminal): Promise<boolean> {
  const settings = loadConfig(kafkaSettings, env);
  if (settings.KAFKA_BROKERS === undefined) {
    throw new ChurnError('CONFIG_INVALID', 'KAFKA_BROKERS is not set: without Kafka there are no topics to make');
  }
  const outcomes = await createTopics(settings, allTopics);
  for (const outcome of outcomes) {
    terminal.say(
      outcome.kind === 'differs'
        ? `${outcome.topic}: differs (${outcome.differences.join('; ')}); change it with your Kafka tools`
        : `${outcome.topic}: ${outcome.kind}`,
    );
  }
  return outcomes.every(({ kind }) => kind !== 'differs');
}
