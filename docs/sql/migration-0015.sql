-- trained scores
CREATE TABLE IF NOT EXISTS $db.score_model_v1 (
       tenant LowCardinality(String),
       pack LowCardinality(String),
       version String,
       trained_at Int64,
       label LowCardinality(String),
       horizon_ms Int64,
       customers UInt64,
       rows UInt64,
       auc Nullable(Float64),
       brier Nullable(Float64),
       ece Nullable(Float64),
       card String
     ) ENGINE = MergeTree ORDER BY (tenant, pack, version, trained_at);

CREATE TABLE IF NOT EXISTS $db.score_change_v1 (
       tenant LowCardinality(String),
       pack LowCardinality(String),
       at Int64,
       kind LowCardinality(String),
       version String
     ) ENGINE = MergeTree ORDER BY (tenant, pack, at);
