-- moves are counted, alerts can be retracted
ALTER TABLE $db.transition_v1 ADD COLUMN IF NOT EXISTS sequence UInt32 AFTER id;

ALTER TABLE $db.transition_v1 ADD COLUMN IF NOT EXISTS retracts String AFTER alert_id;
