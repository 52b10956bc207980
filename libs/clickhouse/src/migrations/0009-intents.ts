import type { Migration } from './migration.js';

export const intents: Migration = {
  version: 9,
  name: 'tries are announced, and say whether the far side may have the alert',
  statements: [
    `CREATE TABLE IF NOT EXISTS $db.intent_v1 (
       tenant LowCardinality(String), alert_id String, channel LowCardinality(String), number UInt32, at Int64
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, alert_id, channel, number)`,
    // Of tries made before this was written down, by what came of them.
    `ALTER TABLE $db.attempt_v1 ADD COLUMN IF NOT EXISTS may_have_arrived UInt8
     DEFAULT state = 'delivered' OR reason IN ('timeout', 'unreachable', 'server-error', 'exhausted')`,
  ],
};
