import type { Migration } from './migration.js';

export const feeds: Migration = {
  version: 8,
  name: 'feeds that are over',
  statements: [
    `CREATE TABLE IF NOT EXISTS $db.feed_retirement_v1 (
       tenant LowCardinality(String), source String, at Int64
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, source, at)`,
  ],
};
