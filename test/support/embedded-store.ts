import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActivityEvent } from '#domain';
import { ClickHouseWindowStore, migrate, Store } from '#clickhouse';

/** The embedded engine on a folder of its own, migrated; `fold` puts events in as the tracker does. */
export class EmbeddedStore {
  readonly folder = mkdtempSync(join(tmpdir(), 'churnwatch-store-'));
  store: Store;
  private offset = 0;

  constructor(private readonly database: string) {
    if (!database.includes('test')) throw new Error('only in databases made for tests');
    this.store = new Store({ path: this.folder, database });
  }

  migrate(): Promise<readonly string[]> {
    return migrate(this.store);
  }

  async fold(events: readonly ActivityEvent[]): Promise<void> {
    const firstOffset = this.offset;
    this.offset += events.length;
    await this.foldChunk(events, firstOffset);
  }

  /** The same events at the same place are the same chunk. */
  async foldChunk(events: readonly ActivityEvent[], firstOffset: number): Promise<void> {
    const lastOffset = firstOffset + events.length - 1;
    const chunk = { topic: 'churnwatch.activity.v1', partition: 0, epoch: 0, firstOffset, lastOffset };
    const windows = new ClickHouseWindowStore(this.store);
    const placed = events.map((event, index) => ({ ...event, offset: firstOffset + index }));
    await windows.fold(chunk, placed, await windows.takeOver(chunk.topic, chunk.partition));
  }

  /** As after a restart of the process. */
  async reopen(): Promise<void> {
    await this.store.close();
    this.store = new Store({ path: this.folder, database: this.database });
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
