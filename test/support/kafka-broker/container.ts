import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';

export interface BrokerContainer {
  start(): Promise<void>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  remove(): Promise<void>;
}

/** Throws where no container engine runs. */
export async function findContainerEngine(): Promise<void> {
  await getContainerRuntimeClient();
}

export interface BrokerPorts {
  readonly port: number;
  readonly linkPort: number;
  readonly advertisedPort: number | undefined;
}

/** The project's own image of the same version, on ports that stay the same over stop and start. */
export async function startBrokerContainer(
  version: string,
  { port, linkPort, advertisedPort }: BrokerPorts,
): Promise<BrokerContainer> {
  const isLinked = advertisedPort !== undefined;
  const started = await new GenericContainer(`apache/kafka:${version}`)
    .withExposedPorts(...[port, ...(isLinked ? [linkPort] : [])].map((each) => ({ container: each, host: each })))
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:29093',
      KAFKA_LISTENERS: `BROKER://:${port},CONTROLLER://:29093${isLinked ? `,LINK://:${linkPort}` : ''}`,
      KAFKA_ADVERTISED_LISTENERS: `BROKER://127.0.0.1:${port}${isLinked ? `,LINK://127.0.0.1:${advertisedPort}` : ''}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,LINK:PLAINTEXT',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'BROKER',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '500',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_HEAP_OPTS: '-Xmx384m',
    })
    .start();
  const engine = await getContainerRuntimeClient();
  const container = engine.container.getById(started.getId());
  return {
    start: async () => void (await container.start()),
    end: async (signal) => void (await (signal === 'SIGKILL' ? container.kill() : container.stop())),
    remove: async () => void (await started.stop()),
  };
}
