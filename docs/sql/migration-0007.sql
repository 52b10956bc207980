-- dead letters with headers, replays and an operator’s word
CREATE TABLE IF NOT EXISTS $db.dead_letter_v2 (
       topic LowCardinality(String),
       partition UInt32,
       epoch UInt32,
       offset UInt64,
       id String,
       reason SimpleAggregateFunction(any, LowCardinality(String)),
       detail SimpleAggregateFunction(any, String),
       key SimpleAggregateFunction(any, Nullable(String)),
       value_base64 SimpleAggregateFunction(any, String),
       headers SimpleAggregateFunction(any, String),
       arrived_at SimpleAggregateFunction(any, Int64),
       first_seen_at SimpleAggregateFunction(min, Int64),
       last_seen_at SimpleAggregateFunction(max, Int64)
     ) ENGINE = AggregatingMergeTree ORDER BY (topic, partition, epoch, offset, id);

INSERT INTO $db.dead_letter_v2 (topic, partition, epoch, offset, id, reason, detail, key, value_base64, headers,
       arrived_at, first_seen_at, last_seen_at)
     SELECT topic, partition, 0, offset, id, reason, detail, key, value_base64, '{}', at, at, at FROM $db.dead_letter_v1 FINAL;

CREATE TABLE IF NOT EXISTS $db.dead_letter_replay_v1 (
       letter String,
       at Int64,
       source String,
       event String
     ) ENGINE = MergeTree ORDER BY (letter, at);

CREATE TABLE IF NOT EXISTS $db.let_pass_v1 (
       topic LowCardinality(String),
       partition UInt32,
       up_to_offset UInt64,
       at Int64
     ) ENGINE = MergeTree ORDER BY (topic, partition, at);
