import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { RawRecord } from './messages.js';
import type { Death } from './member.js';
import { Tmpfs } from './tmpfs.js';
import { Slot } from './world.js';
import type { World, WorldParts } from './world.js';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** All roles in one process on a data directory of its own. */
export class EmbeddedWorld implements World {
  readonly kind = 'embedded';
  readonly brokers = null;
  readonly slots: readonly [Slot];

  private constructor(
    readonly url: string,
    readonly store: { readonly path: string },
    slot: Slot,
    readonly disk: Tmpfs | null,
  ) {
    this.slots = [slot];
  }

  static async make(
    parts: WorldParts,
    env: Readonly<Record<string, string>>,
    onDeath: (slot: Slot, death: Death) => void,
    onTmpfs = false,
  ): Promise<EmbeddedWorld> {
    const dataDir = join(parts.folder, 'data');
    const disk = onTmpfs ? Tmpfs.mount(dataDir) : null;
    const port = await freePort();
    const settings = {
      name: 'standalone',
      roles: ['gateway', 'tracker', 'sentinel', 'courier'] as const,
      env: { ...env, DATA_DIR: dataDir, HTTP_PORT: String(port) },
    };
    return new EmbeddedWorld(
      `http://127.0.0.1:${port}`,
      { path: join(dataDir, 'engine') },
      new Slot(settings, parts, onDeath),
      disk,
    );
  }

  async start(): Promise<void> {
    this.slots[0].start();
    const first = this.slots[0].member!;
    if (!(await first.started)) throw new Error(`the world did not start: ${first.failure ?? 'it was killed'}`);
  }

  async decidedUpTo(): Promise<number> {
    return this.slots[0].member?.decidedUpTo ?? 0;
  }

  append(topic: string, records: readonly RawRecord[]): Promise<boolean> {
    return this.slots[0].member?.append(topic, records) ?? Promise.resolve(false);
  }

  sql(sql: string): Promise<readonly unknown[] | null> {
    return this.slots[0].member?.sql(sql) ?? Promise.resolve(null);
  }

  async heal(): Promise<void> {
    await this.disk?.free();
  }

  async stop(): Promise<void> {
    await this.slots[0].end('SIGTERM');
  }

  async forget(): Promise<void> {
    this.disk?.unmount();
  }
}
