import type { Migration } from './migration.js';

const amends = (table: string): string =>
  `ALTER TABLE $db.${table} ADD COLUMN IF NOT EXISTS amends Nullable(Int64) AFTER cleared_at`;

export const amendedMoves: Migration = {
  version: 10,
  name: 'moves that replace earlier ones',
  statements: [amends('transition_v1'), amends('transition_door_v1')],
};
