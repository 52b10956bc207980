-- identities of counted events
ALTER TABLE $db.inbox_v1 ADD COLUMN IF NOT EXISTS topic LowCardinality(String);

ALTER TABLE $db.inbox_v1 ADD COLUMN IF NOT EXISTS partition UInt32;

ALTER TABLE $db.inbox_v1 ADD COLUMN IF NOT EXISTS epoch UInt32;

ALTER TABLE $db.inbox_v1 ADD COLUMN IF NOT EXISTS offset UInt64;

ALTER TABLE $db.inbox_door_v1 ADD COLUMN IF NOT EXISTS topic LowCardinality(String);

ALTER TABLE $db.inbox_door_v1 ADD COLUMN IF NOT EXISTS partition UInt32;

ALTER TABLE $db.inbox_door_v1 ADD COLUMN IF NOT EXISTS epoch UInt32;

ALTER TABLE $db.inbox_door_v1 ADD COLUMN IF NOT EXISTS offset UInt64;

CREATE TABLE IF NOT EXISTS $db.counted_v1 (
       topic LowCardinality(String), partition UInt32, epoch UInt32, offset UInt64,
       hash UInt64,
       tenant LowCardinality(String),
       customer String,
       source LowCardinality(String),
       id String,
       received_at Int64,
       stored_at DateTime DEFAULT now()
     ) ENGINE = MergeTree ORDER BY (topic, partition, hash)
     TTL stored_at + INTERVAL 3 DAY
     SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS $db.counted_mv_v1 TO $db.counted_v1 AS
SELECT topic, partition, epoch, offset, xxHash64(concat(tenant, '\0', customer, '\0', source, '\0', id)) AS hash,
       tenant, customer, source, id, received_at
FROM $db.inbox_v1
WHERE topic != '';
