import type { Migration } from './migration.js';

export const keptRules: Migration = {
  version: 11,
  name: 'rules as they were in force',
  statements: [
    // One row a version. Should two starts write at once, they write the same.
    `CREATE TABLE IF NOT EXISTS $db.rule_edition_v1 (
       version String,
       rule LowCardinality(String),
       edition String,
       kept_at Int64
     ) ENGINE = ReplacingMergeTree ORDER BY version`,
  ],
};
