import type { Migration } from './migration.js';

export const cells: Migration = {
  version: 14,
  name: 'when each version, platform and channel of a feed was heard',
  statements: [
    // By the hour of arrival; what happened later than it arrived counts as arrived. Kept by when a row was stored, as attendance is.
    `CREATE TABLE IF NOT EXISTS $db.cell_hour_v1 (
       tenant LowCardinality(String),
       hour Int64,
       source LowCardinality(String),
       app_version LowCardinality(String),
       platform LowCardinality(String),
       channel LowCardinality(String),
       events SimpleAggregateFunction(sum, UInt64),
       first_arrived_at SimpleAggregateFunction(min, Int64),
       last_arrived_at SimpleAggregateFunction(max, Int64),
       heard_up_to SimpleAggregateFunction(max, Int64),
       least_lag_ms SimpleAggregateFunction(min, Int64),
       late_at SimpleAggregateFunction(max, Int64),
       first_half SimpleAggregateFunction(groupBitOr, UInt32),
       second_half SimpleAggregateFunction(groupBitOr, UInt32),
       stored_at SimpleAggregateFunction(max, DateTime) DEFAULT now()
     ) ENGINE = AggregatingMergeTree ORDER BY (tenant, hour, source, app_version, platform, channel)
     TTL stored_at + INTERVAL 40 DAY
     SETTINGS non_replicated_deduplication_window = 10000`,
    `CREATE MATERIALIZED VIEW IF NOT EXISTS $db.cell_hour_mv_v1 TO $db.cell_hour_v1 AS
SELECT tenant, intDiv(received_at, 3600000) * 3600000 AS hour, source, app_version, platform, channel, count() AS events,
       min(received_at) AS first_arrived_at, max(received_at) AS last_arrived_at,
       max(least(occurred_at, received_at)) AS heard_up_to,
       min(received_at - least(occurred_at, received_at)) AS least_lag_ms,
       max(if(received_at - occurred_at > 600000, received_at, 0)) AS late_at,
       groupBitOr(bitShiftLeft(toUInt32(minute < 30), minute % 30)) AS first_half,
       groupBitOr(bitShiftLeft(toUInt32(minute >= 30), minute % 30)) AS second_half
FROM (
  SELECT tenant, source, app_version, platform, channel, occurred_at, received_at,
         toUInt8(intDiv(received_at % 3600000, 60000)) AS minute
  FROM $db.inbox_v1
  WHERE app_version != '' OR platform != '' OR channel != ''
)
GROUP BY tenant, hour, source, app_version, platform, channel`,
  ],
};
