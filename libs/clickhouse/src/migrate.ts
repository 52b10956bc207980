import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ChurnError } from '#domain';
import { migrations } from './migrations/index.js';
import type { Migration } from './migrations/migration.js';
import { query } from './query.js';
import type { Store } from './store.js';

const appliedMigrations = query({
  name: 'applied-migrations',
  about: 'Which migrations this database has had, with the checksum each had then.',
  sql: 'SELECT version, checksum FROM $db.migration_v1 ORDER BY version',
  params: z.object({}),
  row: z.object({ version: z.number(), checksum: z.string() }),
});

export const checksumOf = (migration: Migration): string =>
  createHash('sha256').update(JSON.stringify(migration.statements)).digest('hex');

/**
 * Brings the database up to date; safe to repeat and to run from several processes at once, since every statement
 * says IF NOT EXISTS. Answers with the names of what was applied.
 * Throws ChurnError MIGRATION_CHANGED when an applied migration no longer reads as it did.
 */
export async function migrate(store: Store, wanted: readonly Migration[] = migrations): Promise<readonly string[]> {
  await store.command('CREATE DATABASE IF NOT EXISTS $db');
  await store.command(
    `CREATE TABLE IF NOT EXISTS $db.migration_v1
       (version UInt32, name String, checksum String, applied_at DateTime64(3) DEFAULT now64(3))
     ENGINE = ReplacingMergeTree(applied_at) ORDER BY version`,
  );
  const applied = new Map((await store.rows(appliedMigrations, {})).map((row) => [row.version, row.checksum]));
  const done: string[] = [];
  for (const migration of wanted) {
    const checksum = checksumOf(migration);
    const before = applied.get(migration.version);
    if (before !== undefined && before !== checksum) {
      throw new ChurnError(
        'MIGRATION_CHANGED',
        `migration ${migration.version} (${migration.name}) was changed after it was applied; add a new one instead`,
      );
    }
    if (before !== undefined) continue;
    for (const statement of migration.statements) await store.command(statement);
    await store.insert(
      'migration_v1',
      ['version', 'name', 'checksum'],
      [[migration.version, migration.name, checksum]],
    );
    done.push(`${migration.version} ${migration.name}`);
  }
  return done;
}
