-- flags, alerts and deliveries
CREATE TABLE IF NOT EXISTS $db.transition_v1 (
       id String,
       tenant LowCardinality(String),
       customer String,
       rule LowCardinality(String),
       rule_version LowCardinality(String),
       episode UInt32,
       from_state LowCardinality(String),
       to_state LowCardinality(String),
       became_due_at Int64,
       detected_at Int64,
       severity LowCardinality(String),
       reason LowCardinality(String),
       evidence String,
       cleared_at Nullable(Int64),
       alert_id String,
       alert String
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, customer, rule, became_due_at, id)
     SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS $db.publication_v1 (transition_id String, at Int64)
     ENGINE = ReplacingMergeTree ORDER BY transition_id;

CREATE TABLE IF NOT EXISTS $db.attempt_v1 (
       tenant LowCardinality(String),
       alert_id String,
       channel LowCardinality(String),
       number UInt32,
       state LowCardinality(String),
       reason LowCardinality(String),
       detail String,
       at Int64,
       retry_at Nullable(Int64)
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, alert_id, channel, number, state);

CREATE TABLE IF NOT EXISTS $db.decided_v1 (partition UInt32, partitions UInt32, up_to Int64, version UInt64)
     ENGINE = ReplacingMergeTree(version) ORDER BY (partitions, partition);
