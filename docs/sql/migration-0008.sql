-- feeds that are over
CREATE TABLE IF NOT EXISTS $db.feed_retirement_v1 (
       tenant LowCardinality(String), source String, at Int64
     ) ENGINE = ReplacingMergeTree ORDER BY (tenant, source, at);
