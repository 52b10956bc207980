-- stages and value
CREATE TABLE IF NOT EXISTS $db.stage_v1 (
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
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, customer, sequence, id);

CREATE TABLE IF NOT EXISTS $db.stage_door_v1 AS $db.stage_v1 ENGINE = Null;

ALTER TABLE $db.stage_door_v1 ADD COLUMN IF NOT EXISTS fence String;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.stage_door_mv_v1 TO $db.stage_v1 AS
SELECT * EXCEPT fence FROM $db.stage_door_v1
WHERE NOT throwIf(
  fence != '' AND fence NOT IN (
    SELECT concat(resource, '|', toString(holder.1), '|', holder.2)
    FROM (SELECT resource, max((generation, owner)) AS holder FROM $db.fence_v1 GROUP BY resource)
  ), 'fenced');

CREATE TABLE IF NOT EXISTS $db.value_v1 (
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
     ) ENGINE = ReplacingMergeTree(as_of) ORDER BY (tenant, customer);
