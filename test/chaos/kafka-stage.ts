import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { allTopics } from '#contracts';
import { createTopics } from '#kafka';
import { kafkaSettings, loadConfig } from '#platform';
import { startKafkaBroker } from '../support/kafka-broker.js';
import type { KafkaBroker } from '../support/kafka-broker.js';
import { startProxy } from './proxy.js';
import type { FaultProxy } from './proxy.js';
import { freePort } from './embedded-world.js';
import type { PlannedFault } from './store-server.js';

export const partitions = 4;

/** A broker behind a link that can be broken; it outlives the rounds, its topics do not. */
export class KafkaStage {
  private constructor(
    readonly broker: KafkaBroker,
    readonly link: FaultProxy,
  ) {}

  static async start(): Promise<KafkaStage> {
    let linkPort = 0;
    const link = await startProxy(() => ({ host: '127.0.0.1', port: linkPort }));
    const outcome = await startKafkaBroker({ advertisedPort: link.port });
    if ('reason' in outcome) throw new Error(outcome.reason);
    linkPort = outcome.broker.linkPort;
    return new KafkaStage(outcome.broker, link);
  }

  /** Where the roles find it. */
  get linkAddress(): string {
    return `127.0.0.1:${this.link.port}`;
  }

  /** Topics with nothing in them. */
  async renewTopics(): Promise<void> {
    const kafka = new kafkajs.Kafka({ brokers: [this.broker.address], logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    try {
      const names = new Set<string>(allTopics.map(({ name }) => name));
      const own = async (): Promise<string[]> => (await admin.listTopics()).filter((name) => names.has(name));
      const old = await own();
      if (old.length > 0) await admin.deleteTopics({ topics: old });
      while ((await own()).length > 0) await pause(50);
    } finally {
      await admin.disconnect();
    }
    const settings = loadConfig(kafkaSettings, {
      KAFKA_BROKERS: this.broker.address,
      KAFKA_PARTITIONS: String(partitions),
    });
    await createTopics(settings, allTopics);
  }

  async close(): Promise<void> {
    await this.broker.remove();
    await this.link.close();
  }
}

const program = join(import.meta.dirname, 'store-process.js');

/** The one store of a world: a process that can be killed, behind a link that can be broken. */
export class StoreHost {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    readonly link: FaultProxy,
  ) {}

  static async start(folder: string): Promise<StoreHost> {
    const port = await freePort();
    const link = await startProxy(() => ({ host: '127.0.0.1', port }));
    const host = new StoreHost(folder, port, link);
    await host.up();
    return host;
  }

  /** Past the link. */
  get directUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get linkUrl(): string {
    return `http://127.0.0.1:${this.link.port}`;
  }

  async up(): Promise<void> {
    const child = fork(program, [this.folder, String(this.port)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { PATH: process.env['PATH'] },
    });
    this.child = child;
    const first = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (first[0] !== 'ready') throw new Error(`the store ended with ${String(first[0])}`);
  }

  async down(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async plan(fault: PlannedFault): Promise<void> {
    await fetch(`${this.directUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) }).catch(() => {});
  }

  /** How many statements each kind of fault has hit since the store was last started. */
  async hits(): Promise<Readonly<Record<string, number>>> {
    try {
      return (await (await fetch(`${this.directUrl}/faults`)).json()) as Record<string, number>;
    } catch {
      return {};
    }
  }

  async close(): Promise<void> {
    await this.down();
    await this.link.close();
  }
}
