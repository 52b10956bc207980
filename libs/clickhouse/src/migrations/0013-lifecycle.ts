import { doorInto } from './0005-fence.js';
import type { Migration } from './migration.js';

export const lifecycle: Migration = {
  version: 13,
  name: 'stages and value',
  statements: [
    // One row a move; repeating a decision writes the same row.
    `CREATE TABLE IF NOT EXISTS $db.stage_v1 (
       id String,
       sequence UInt32,
       tenant LowCardinality(String),
       customer String,
       definition LowCardinality(String),
       from_stage LowCardinality(String),
       to_stage LowCardinality(String),
       became_due_at Int64,
       detected_at Int64,
       amends Nullable(Int64)
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, customer, sequence, id)`,
    ...doorInto('stage_v1', 'stage_door'),
    // The newest row of a customer counts: all are worked out anew each day.
    `CREATE TABLE IF NOT EXISTS $db.value_v1 (
       tenant LowCardinality(String),
       customer String,
       as_of Int64,
       last_active_at Int64,
       active_days UInt32,
       spend Float64,
       recency UInt8,
       frequency UInt8,
       monetary UInt8,
       tier LowCardinality(String)
     ) ENGINE = ReplacingMergeTree(as_of) ORDER BY (tenant, customer)`,
  ],
};
