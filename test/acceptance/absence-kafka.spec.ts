import { Kafka, logLevel } from 'kafkajs';
import { allTopics } from '#contracts';
import type { ActivityEvent, EpochMs } from '#domain';
import { HOUR, plus } from '#domain';
import { createTopics } from '#kafka';
import { kafkaSettings, loadConfig } from '#platform';
import { AbsenceWorld, atOnce, beginsAt, forgetWorlds } from '../support/absence-world.js';
import { describeWithKafka, waitUntil } from '../support/kafka-broker.js';

const hour = (n: number): EpochMs => plus(beginsAt, n * HOUR);
const hours = 8;

/** No sender gets anything through from the first hour to the sixth; then each sends what it kept, in its order. */
const allAreCutOff = (event: ActivityEvent): EpochMs => {
  const usual = atOnce(event);
  if (usual < hour(1) || usual >= hour(6)) return usual;
  return plus(hour(6), 1 + (event.occurredAt - hour(1)) / 60);
};

/** Each story begins with an empty log. */
async function removeTopics(address: string): Promise<void> {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((name) => !name.startsWith('__'));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await waitUntil(async () => (await admin.listTopics()).every((name) => name.startsWith('__')), 30_000, 'no topics');
  await admin.disconnect();
}

await describeWithKafka('the broker is away for five hours while customers are active', (broker) => {
  let world: AbsenceWorld;
  afterEach(() => world?.stop());
  afterAll(forgetWorlds);

  const story = async (prefix: string, isGated: boolean): Promise<void> => {
    const env = { KAFKA_BROKERS: broker.address, KAFKA_PARTITIONS: '3', KAFKA_GROUP_PREFIX: prefix };
    await removeTopics(broker.address);
    await createTopics(loadConfig(kafkaSettings, env), allTopics);
    world = await AbsenceWorld.prepared({ hours, delivery: allAreCutOff, env, isGated });
    await world.start();
    await world.go(1);
    await broker.stop();
    world.clock.set(hour(6));
    await broker.start();
    // Everything in the log is read, and nothing of the last five hours is in it yet.
    await world.untilRead(hour(6));
    await world.go(hours);
  };

  it('raises no false alert, and every true one', async () => {
    await story('gated', true);
    expect(await world.falseAlerts()).toEqual([]);
    expect(await world.missing(hour(7))).toEqual([]);
    expect(world.due(1, 6)).toBeGreaterThan(3);
  }, 400_000);

  it('would raise false ones if feeds were not asked', async () => {
    await story('ungated', false);
    expect((await world.falseAlerts()).length).toBeGreaterThan(3);
  }, 400_000);
});
