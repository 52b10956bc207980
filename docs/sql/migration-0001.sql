-- events and rolling windows
CREATE TABLE IF NOT EXISTS $db.inbox_v1 (
  tenant LowCardinality(String),
  id String,
  source LowCardinality(String),
  type LowCardinality(String),
  customer String,
  occurred_at Int64,
  received_at Int64,
  amount Nullable(Float64),
  platform LowCardinality(String),
  channel LowCardinality(String),
  app_version LowCardinality(String),
  attributes String) ENGINE = Null;

CREATE TABLE IF NOT EXISTS $db.event_v1 (
  tenant LowCardinality(String),
  id String,
  source LowCardinality(String),
  type LowCardinality(String),
  customer String,
  occurred_at Int64,
  received_at Int64,
  amount Nullable(Float64),
  platform LowCardinality(String),
  channel LowCardinality(String),
  app_version LowCardinality(String),
  attributes String)
     ENGINE = MergeTree PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(occurred_at, 'UTC'))
     ORDER BY (tenant, customer, occurred_at, id)
     SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.event_mv_v1 TO $db.event_v1 AS SELECT * FROM $db.inbox_v1;

CREATE TABLE IF NOT EXISTS $db.activity_hour_v1 (
  tenant LowCardinality(String),
  customer String,
  bucket Int64,
  type LowCardinality(String),
  events SimpleAggregateFunction(sum, UInt64),
  amount SimpleAggregateFunction(sum, Float64),
  first_at SimpleAggregateFunction(min, Int64),
  last_at SimpleAggregateFunction(max, Int64)
) ENGINE = AggregatingMergeTree ORDER BY (tenant, customer, bucket, type)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.activity_hour_mv_v1 TO $db.activity_hour_v1 AS
SELECT tenant, customer, intDiv(occurred_at, 3600000) * 3600000 AS bucket, type,
       count() AS events, sum(ifNull(amount, 0)) AS amount, min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM $db.inbox_v1
GROUP BY tenant, customer, bucket, type;

CREATE TABLE IF NOT EXISTS $db.activity_day_v1 (
  tenant LowCardinality(String),
  customer String,
  bucket Int64,
  type LowCardinality(String),
  events SimpleAggregateFunction(sum, UInt64),
  amount SimpleAggregateFunction(sum, Float64),
  first_at SimpleAggregateFunction(min, Int64),
  last_at SimpleAggregateFunction(max, Int64)
) ENGINE = AggregatingMergeTree ORDER BY (tenant, customer, bucket, type)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.activity_day_mv_v1 TO $db.activity_day_v1 AS
SELECT tenant, customer, intDiv(occurred_at, 86400000) * 86400000 AS bucket, type,
       count() AS events, sum(ifNull(amount, 0)) AS amount, min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM $db.inbox_v1
GROUP BY tenant, customer, bucket, type;

CREATE TABLE IF NOT EXISTS $db.chunk_plan_v1 (
       topic LowCardinality(String), partition UInt32, epoch UInt32, first_offset UInt64, last_offset UInt64, planned_at Int64
     ) ENGINE = MergeTree ORDER BY (topic, partition, epoch, first_offset);
