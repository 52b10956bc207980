import type { Migration } from './migration.js';

const place = ['topic LowCardinality(String)', 'partition UInt32', 'epoch UInt32', 'offset UInt64'];
const alsoPlaced = (table: string): readonly string[] =>
  place.map((column) => `ALTER TABLE $db.${table} ADD COLUMN IF NOT EXISTS ${column}`);

export const countedIdentities: Migration = {
  version: 6,
  name: 'identities of counted events',
  statements: [
    ...alsoPlaced('inbox_v1'),
    ...alsoPlaced('inbox_door_v1'),
    // Kept by when a row was stored: what producers and replays call "now" may be any year.
    `CREATE TABLE IF NOT EXISTS $db.counted_v1 (
       ${place.join(', ')},
       hash UInt64,
       tenant LowCardinality(String),
       customer String,
       source LowCardinality(String),
       id String,
       received_at Int64,
       stored_at DateTime DEFAULT now()
     ) ENGINE = MergeTree ORDER BY (topic, partition, hash)
     TTL stored_at + INTERVAL 3 DAY
     SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000`,
    // The text under the hash is the one of libs/pipeline/src/tracker/identity.ts. Rows without a topic were not read from a log.
    `CREATE MATERIALIZED VIEW IF NOT EXISTS $db.counted_mv_v1 TO $db.counted_v1 AS
SELECT topic, partition, epoch, offset, xxHash64(concat(tenant, '\\0', customer, '\\0', source, '\\0', id)) AS hash,
       tenant, customer, source, id, received_at
FROM $db.inbox_v1
WHERE topic != ''`,
  ],
};
