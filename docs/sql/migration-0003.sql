-- embedded log and dead letters
CREATE TABLE IF NOT EXISTS $db.journal_v1 (
       topic LowCardinality(String),
       partition UInt32,
       offset UInt64,
       key String,
       value String,
       encoding LowCardinality(String),
       headers String,
       timestamp Int64
     ) ENGINE = MergeTree ORDER BY (topic, partition, offset);

CREATE TABLE IF NOT EXISTS $db.dead_letter_v1 (
       id String,
       reason LowCardinality(String),
       detail String,
       topic LowCardinality(String),
       partition UInt32,
       offset UInt64,
       key Nullable(String),
       value_base64 String,
       at Int64
     ) ENGINE = ReplacingMergeTree ORDER BY (topic, partition, offset, id);
