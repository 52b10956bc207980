import type { Migration } from './migration.js';

/** True of a row that no newer owner stands against; anything else ends the whole insert before a row of it is kept. */
const isStillHeld = `NOT throwIf(
  fence != '' AND fence NOT IN (
    SELECT concat(resource, '|', toString(holder.1), '|', holder.2)
    FROM (SELECT resource, max((generation, owner)) AS holder FROM $db.fence_v1 GROUP BY resource)
  ), 'fenced')`;

/** Rows enter a table by its door, and the door's only view looks at the fence of whoever brings them. */
export const doorInto = (target: string, door: string): readonly string[] => [
  `CREATE TABLE IF NOT EXISTS $db.${door}_v1 AS $db.${target} ENGINE = Null`,
  `ALTER TABLE $db.${door}_v1 ADD COLUMN IF NOT EXISTS fence String`,
  `CREATE MATERIALIZED VIEW IF NOT EXISTS $db.${door}_mv_v1 TO $db.${target} AS
SELECT * EXCEPT fence FROM $db.${door}_v1
WHERE ${isStillHeld}`,
];

export const fence: Migration = {
  version: 5,
  name: 'fences against owners that lost what they write for',
  statements: [
    // Whoever takes something over adds a generation; the greatest (generation, owner) holds it.
    `CREATE TABLE IF NOT EXISTS $db.fence_v1 (
       resource LowCardinality(String), generation UInt64, owner String, taken_at Int64
     ) ENGINE = MergeTree ORDER BY (resource, generation, owner)`,
    ...doorInto('inbox_v1', 'inbox_door'),
    ...doorInto('transition_v1', 'transition_door'),
    'ALTER TABLE $db.chunk_plan_v1 ADD COLUMN IF NOT EXISTS generation UInt64 AFTER epoch',
    // What the first and the last record of the chunk look like; empty for what was planned before this was noted.
    'ALTER TABLE $db.chunk_plan_v1 ADD COLUMN IF NOT EXISTS first_print String',
    'ALTER TABLE $db.chunk_plan_v1 ADD COLUMN IF NOT EXISTS last_print String',
  ],
};
