import type { Migration } from './migration.js';

export const countedMoves: Migration = {
  version: 4,
  name: 'moves are counted, alerts can be retracted',
  statements: [
    // 0: stored before moves were counted.
    'ALTER TABLE $db.transition_v1 ADD COLUMN IF NOT EXISTS sequence UInt32 AFTER id',
    // The alert that this row's alert takes back; empty for all others.
    'ALTER TABLE $db.transition_v1 ADD COLUMN IF NOT EXISTS retracts String AFTER alert_id',
  ],
};
