import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { findContainerEngine, startBrokerContainer } from './kafka-broker/container.js';
import { brokerJars, javaClient, kafkaVersion, runKafkaTool, startJvm, writeProperties } from './kafka-broker/jvm.js';
import type { Jvm } from './kafka-broker/jvm.js';
import { waitUntil } from './kafka-broker/wait-until.js';

export { waitUntil } from './kafka-broker/wait-until.js';

/** A real, single Apache Kafka broker (KRaft) on loopback. */
export interface KafkaBroker {
  /** host:port, the same over every stop and start. */
  readonly address: string;
  readonly version: string;
  /** Port of a second listener, whose clients are told to come to `advertisedPort`; the same as `address` without one. */
  readonly linkPort: number;
  /** Brings it back on the same data after `stop` or `kill`; resolves when it answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As if the power went. */
  kill(): Promise<void>;
  /** Ends it for good and removes its data. */
  remove(): Promise<void>;
  /** Runs JavaClient.java, where the jars are at hand; null in a container. */
  readonly javaClient: ((args: readonly string[], input?: string) => Promise<string>) | null;
}

export interface BrokerOptions {
  /** Where a link that can be broken listens: it carries to `linkPort`. */
  readonly advertisedPort?: number;
}

/** The reason why there is no broker, or the broker. */
export type BrokerOrReason = { readonly broker: KafkaBroker } | { readonly reason: string };

/**
 * Starts a broker in a container where an engine runs, else in a JVM. Where neither is to be had the reason comes back,
 * for the suite to be skipped with; REQUIRE_KAFKA=1 turns it into a failure.
 */
export async function startKafkaBroker(options: BrokerOptions = {}): Promise<BrokerOrReason> {
  const reasons: string[] = [];
  for (const way of [inContainer, inJvm]) {
    try {
      return { broker: await way(options) };
    } catch (error) {
      reasons.push(`${way.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const reason = `no Kafka broker to be had (${reasons.join('; ')})`;
  if (process.env['REQUIRE_KAFKA'] === '1') throw new Error(reason);
  return { reason };
}

/** `describe` with a broker that lives as long as the suite; skipped, with the reason in its name, where there is none. */
export async function describeWithKafka(
  name: string,
  suite: (broker: KafkaBroker) => void,
  options: BrokerOptions = {},
): Promise<void> {
  const outcome = await startKafkaBroker(options);
  if ('reason' in outcome) {
    process.stderr.write(`SKIPPED "${name}": ${outcome.reason}\n`);
    describe.skip(`${name} [SKIPPED: ${outcome.reason}]`, () => it('needs a broker', () => {}));
    return;
  }
  const { broker } = outcome;
  describe(`${name} (Apache Kafka ${broker.version})`, () => {
    afterAll(() => broker.remove(), 60_000);
    suite(broker);
  });
}

async function inContainer({ advertisedPort }: BrokerOptions): Promise<KafkaBroker> {
  await findContainerEngine();
  const [port, freePort] = await freePorts(2);
  const linkPort = advertisedPort === undefined ? port! : freePort!;
  const address = `127.0.0.1:${port}`;
  const container = await startBrokerContainer(kafkaVersion, { port: port!, linkPort, advertisedPort });
  await untilItAnswers(address);
  return {
    address,
    version: kafkaVersion,
    linkPort,
    javaClient: null,
    stop: () => container.end('SIGTERM'),
    kill: () => container.end('SIGKILL'),
    remove: () => container.remove(),
    async start() {
      await container.start();
      await untilItAnswers(address);
    },
  };
}

async function inJvm({ advertisedPort }: BrokerOptions): Promise<KafkaBroker> {
  const jars = await brokerJars();
  const folder = mkdtempSync(join(tmpdir(), 'kafka-broker-'));
  const [port, controllerPort, freePort] = await freePorts(3);
  const linkPort = advertisedPort === undefined ? port! : freePort!;
  const address = `127.0.0.1:${port}`;
  const properties = join(folder, 'server.properties');
  const logFile = join(folder, 'broker.log');
  const link = advertisedPort === undefined ? null : { linkPort, advertisedPort };
  writeProperties(properties, brokerProperties(address, link, `127.0.0.1:${controllerPort}`, join(folder, 'data')));
  await runKafkaTool(jars, ['kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAAAAAAAAAAAAAAQ', '-c', properties]);
  let jvm: Jvm | null = null;
  const start = async (): Promise<void> => {
    jvm = await startJvm(jars, 384, ['kafka.Kafka', properties], logFile);
    try {
      await untilItAnswers(address);
    } catch (cause) {
      await jvm.end('SIGKILL');
      throw new Error(`the broker did not come up: ${readFileSync(logFile, 'utf8').slice(-2_000)}`, { cause });
    }
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await jvm?.end(signal);
    jvm = null;
  };
  await start();
  return {
    address,
    version: kafkaVersion,
    linkPort,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async remove() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
    javaClient: (args, input) => runKafkaTool(jars, [javaClient, ...args], input),
  };
}

function brokerProperties(
  broker: string,
  link: { readonly linkPort: number; readonly advertisedPort: number } | null,
  controller: string,
  data: string,
): Record<string, string | number> {
  const linked = (port: number): string => `,LINK://127.0.0.1:${port}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    listeners: `BROKER://${broker},CONTROLLER://${controller}${link ? linked(link.linkPort) : ''}`,
    'advertised.listeners': `BROKER://${broker}${link ? linked(link.advertisedPort) : ''}`,
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,LINK:PLAINTEXT',
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 2,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    'auto.create.topics.enable': 'false',
  };
}

async function untilItAnswers(address: string): Promise<void> {
  const answers = async (): Promise<boolean> => {
    const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      return brokers.length > 0;
    } catch {
      return false;
    } finally {
      await admin.disconnect();
    }
  };
  await waitUntil(answers, 60_000, `the broker at ${address}`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
