import { join } from 'node:path';
import kafkajs from 'kafkajs';
import type { Producer } from 'kafkajs';
import { z } from 'zod';
import { migrate, Store } from '#clickhouse';
import { timestampHeader } from '../../libs/kafka/src/timestamp.js';
import { until } from '../support/standalone.js';
import { freePort } from './embedded-world.js';
import { partitions, StoreHost } from './kafka-stage.js';
import type { KafkaStage } from './kafka-stage.js';
import type { RawRecord } from './messages.js';
import type { Death } from './member.js';
import { Slot } from './world.js';
import type { SlotSettings, World, WorldParts } from './world.js';

export const sessionMs = 2_000;
const rolesOf = {
  gateway: ['gateway'],
  'tracker-a': ['tracker'],
  'tracker-b': ['tracker'],
  'sentinel-a': ['sentinel'],
  'sentinel-b': ['sentinel'],
  courier: ['courier'],
} as const satisfies Record<string, SlotSettings['roles']>;

/** A process for each role, two of those that keep state, around a real broker and one store. */
export class KafkaWorld implements World {
  readonly kind = 'kafka';
  readonly disk = null;
  readonly slots: Slot[] = [];
  private producer: Producer | null = null;
  private asked: { readonly at: number; readonly answer: Promise<number> } | null = null;
  private extras = 0;

  private constructor(
    readonly url: string,
    readonly stage: KafkaStage,
    readonly host: StoreHost,
    private readonly client: Store,
    private readonly make: (settings: Pick<SlotSettings, 'name' | 'roles'>) => Slot,
  ) {}

  static async make(
    stage: KafkaStage,
    parts: WorldParts,
    env: Readonly<Record<string, string>>,
    onDeath: (slot: Slot, death: Death) => void,
  ): Promise<KafkaWorld> {
    await stage.renewTopics();
    const host = await StoreHost.start(join(parts.folder, 'store'));
    const client = new Store({ url: host.directUrl, username: 'default', password: '', database: 'churnwatch' });
    await migrate(client);
    const port = await freePort();
    const shared = {
      ...env,
      KAFKA_BROKERS: stage.linkAddress,
      KAFKA_GROUP_PREFIX: `chaos-${Date.now()}`,
      KAFKA_PARTITIONS: String(partitions),
      KAFKA_SESSION_TIMEOUT_MS: String(sessionMs),
      CLICKHOUSE_URL: host.linkUrl,
      HTTP_PORT: String(port),
    };
    const make = (settings: Pick<SlotSettings, 'name' | 'roles'>): Slot =>
      new Slot({ ...settings, env: { ...shared, DATA_DIR: join(parts.folder, settings.name) } }, parts, onDeath);
    const world = new KafkaWorld(`http://127.0.0.1:${port}`, stage, host, client, make);
    for (const [name, roles] of Object.entries(rolesOf)) world.slots.push(make({ name, roles }));
    return world;
  }

  get brokers(): string {
    return this.stage.broker.address;
  }
  get store(): { readonly url: string } {
    return { url: this.host.directUrl };
  }

  async start(): Promise<void> {
    for (const slot of this.slots) slot.start();
    for (const slot of this.slots) {
      const first = slot.member!;
      if (!(await first.started)) throw new Error(`${slot.name} did not start: ${first.failure ?? 'it was killed'}`);
    }
    // A customer's life counts from when somebody first answers for them.
    await until('every share is taken', async () => (await this.decidedUpTo()) > 0, 60_000);
  }

  decidedUpTo(): Promise<number> {
    const now = performance.now();
    if (this.asked === null || now - this.asked.at > 60) this.asked = { at: now, answer: this.askDecided() };
    return this.asked.answer;
  }

  async append(topic: string, records: readonly RawRecord[], at: number): Promise<boolean> {
    try {
      this.producer ??= await this.connect();
      const messages = records.map(({ key, base64 }) => ({
        key,
        value: Buffer.from(base64, 'base64'),
        headers: { [timestampHeader]: String(at) },
      }));
      await this.producer.send({ topic, acks: -1, messages });
      return true;
    } catch {
      const old = this.producer;
      this.producer = null;
      void old?.disconnect().catch(() => {});
      return false;
    }
  }

  async sql(sql: string): Promise<readonly unknown[] | null> {
    try {
      const asked = { name: 'chaos', about: 'For tests.', sql, params: z.object({}), row: z.unknown() };
      return await this.client.rows(asked, {});
    } catch {
      return null;
    }
  }

  /** One more member of a role's group, for as long as the caller likes. */
  join(role: 'tracker' | 'sentinel'): Slot {
    const slot = this.make({ name: `${role}-extra-${this.extras++}`, roles: [role] });
    slot.start();
    return slot;
  }

  async heal(): Promise<void> {
    this.stage.link.set({ kind: 'pass' });
    this.host.link.set({ kind: 'pass' });
    for (const slot of this.slots) slot.member?.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.producer?.disconnect().catch(() => {});
    await Promise.all(this.slots.map((slot) => slot.end('SIGTERM')));
  }

  async forget(): Promise<void> {
    await this.client.close();
    await this.host.close();
  }

  private async askDecided(): Promise<number> {
    const rows = await this.sql(
      `SELECT min(up_to) AS upTo, count() AS n FROM $db.decided_v1 FINAL WHERE partitions = ${partitions}`,
    );
    const [row] = (rows ?? []) as { readonly upTo: number; readonly n: number }[];
    return row?.n === partitions ? row.upTo : 0;
  }

  private async connect(): Promise<Producer> {
    const kafka = new kafkajs.Kafka({
      brokers: [this.stage.broker.address],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 2 },
      requestTimeout: 3_000,
    });
    const producer = kafka.producer({ retry: { retries: 2 } });
    await producer.connect();
    return producer;
  }
}
