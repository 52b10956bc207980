import { doorInto } from './0005-fence.js';
import type { Migration } from './migration.js';

// As they were when this was written: what a migration says never changes.
const using = `'app_open', 'session_start', 'login'`;
const paying = `'order', 'payment', 'recharge', 'deposit', 'booking'`;
const failing = `'crash', 'freeze', 'login_failed', 'update_failed', 'payment_failed'`;

export const incidents: Migration = {
  version: 12,
  name: 'what very many customers fail at',
  statements: [
    // Customers as sketches: whoever fails five hundred times is one. Kept by when a row was stored, since an import may be of any year.
    `CREATE TABLE IF NOT EXISTS $db.attendance_v1 (
       tenant LowCardinality(String),
       bucket Int64,
       activity LowCardinality(String),
       app_version LowCardinality(String),
       platform LowCardinality(String),
       channel LowCardinality(String),
       events SimpleAggregateFunction(sum, UInt64),
       customers AggregateFunction(uniqCombined(14), String),
       stored_at SimpleAggregateFunction(max, DateTime) DEFAULT now()
     ) ENGINE = AggregatingMergeTree ORDER BY (tenant, bucket, activity, app_version, platform, channel)
     TTL stored_at + INTERVAL 40 DAY
     SETTINGS non_replicated_deduplication_window = 10000`,
    `CREATE MATERIALIZED VIEW IF NOT EXISTS $db.attendance_mv_v1 TO $db.attendance_v1 AS
SELECT tenant, intDiv(occurred_at, 300000) * 300000 AS bucket,
       multiIf(type IN (${using}), 'using', type IN (${paying}), 'paying', toString(type)) AS activity,
       app_version, platform, channel, count() AS events, uniqCombinedState(14)(customer) AS customers
FROM $db.inbox_v1
WHERE type IN (${using}, ${paying}, ${failing})
GROUP BY tenant, bucket, activity, app_version, platform, channel`,
    // One row for each change of an incident; the greatest revision holds.
    `CREATE TABLE IF NOT EXISTS $db.incident_v1 (
       tenant LowCardinality(String),
       id String,
       revision UInt32,
       kinds Array(LowCardinality(String)),
       app_version String,
       platform String,
       channel String,
       state LowCardinality(String),
       began_at Int64,
       detected_at Int64,
       ended_at Nullable(Int64),
       end_detected_at Nullable(Int64),
       failing UInt64,
       active UInt64,
       norm Float64,
       affected UInt64,
       value_at_risk Float64,
       came_back Nullable(UInt64)
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, id, revision)`,
    ...doorInto('incident_v1', 'incident_door'),
    // The incident for which an alert was held back; empty for all others.
    'ALTER TABLE $db.attempt_v1 ADD COLUMN IF NOT EXISTS incident String',
  ],
};
