-- what very many customers fail at
CREATE TABLE IF NOT EXISTS $db.attendance_v1 (
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
     SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.attendance_mv_v1 TO $db.attendance_v1 AS
SELECT tenant, intDiv(occurred_at, 300000) * 300000 AS bucket,
       multiIf(type IN ('app_open', 'session_start', 'login'), 'using', type IN ('order', 'payment', 'recharge', 'deposit', 'booking'), 'paying', toString(type)) AS activity,
       app_version, platform, channel, count() AS events, uniqCombinedState(14)(customer) AS customers
FROM $db.inbox_v1
WHERE type IN ('app_open', 'session_start', 'login', 'order', 'payment', 'recharge', 'deposit', 'booking', 'crash', 'freeze', 'login_failed', 'update_failed', 'payment_failed')
GROUP BY tenant, bucket, activity, app_version, platform, channel;

CREATE TABLE IF NOT EXISTS $db.incident_v1 (
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
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, id, revision);

CREATE TABLE IF NOT EXISTS $db.incident_door_v1 AS $db.incident_v1 ENGINE = Null;

ALTER TABLE $db.incident_door_v1 ADD COLUMN IF NOT EXISTS fence String;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.incident_door_mv_v1 TO $db.incident_v1 AS
SELECT * EXCEPT fence FROM $db.incident_door_v1
WHERE NOT throwIf(
  fence != '' AND fence NOT IN (
    SELECT concat(resource, '|', toString(holder.1), '|', holder.2)
    FROM (SELECT resource, max((generation, owner)) AS holder FROM $db.fence_v1 GROUP BY resource)
  ), 'fenced');

ALTER TABLE $db.attempt_v1 ADD COLUMN IF NOT EXISTS incident String;
