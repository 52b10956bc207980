-- rules as they were in force
CREATE TABLE IF NOT EXISTS $db.rule_edition_v1 (
       version String,
       rule LowCardinality(String),
       edition String,
       kept_at Int64
     ) ENGINE = ReplacingMergeTree ORDER BY version;
