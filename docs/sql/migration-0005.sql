-- fences against owners that lost what they write for
CREATE TABLE IF NOT EXISTS $db.fence_v1 (
       resource LowCardinality(String), generation UInt64, owner String, taken_at Int64
     ) ENGINE = MergeTree ORDER BY (resource, generation, owner);

CREATE TABLE IF NOT EXISTS $db.inbox_door_v1 AS $db.inbox_v1 ENGINE = Null;

ALTER TABLE $db.inbox_door_v1 ADD COLUMN IF NOT EXISTS fence String;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.inbox_door_mv_v1 TO $db.inbox_v1 AS
SELECT * EXCEPT fence FROM $db.inbox_door_v1
WHERE NOT throwIf(
  fence != '' AND fence NOT IN (
    SELECT concat(resource, '|', toString(holder.1), '|', holder.2)
    FROM (SELECT resource, max((generation, owner)) AS holder FROM $db.fence_v1 GROUP BY resource)
  ), 'fenced');

CREATE TABLE IF NOT EXISTS $db.transition_door_v1 AS $db.transition_v1 ENGINE = Null;

ALTER TABLE $db.transition_door_v1 ADD COLUMN IF NOT EXISTS fence String;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.transition_door_mv_v1 TO $db.transition_v1 AS
SELECT * EXCEPT fence FROM $db.transition_door_v1
WHERE NOT throwIf(
  fence != '' AND fence NOT IN (
    SELECT concat(resource, '|', toString(holder.1), '|', holder.2)
    FROM (SELECT resource, max((generation, owner)) AS holder FROM $db.fence_v1 GROUP BY resource)
  ), 'fenced');

ALTER TABLE $db.chunk_plan_v1 ADD COLUMN IF NOT EXISTS generation UInt64 AFTER epoch;

ALTER TABLE $db.chunk_plan_v1 ADD COLUMN IF NOT EXISTS first_print String;

ALTER TABLE $db.chunk_plan_v1 ADD COLUMN IF NOT EXISTS last_print String;
