-- moves that replace earlier ones
ALTER TABLE $db.transition_v1 ADD COLUMN IF NOT EXISTS amends Nullable(Int64) AFTER cleared_at;

ALTER TABLE $db.transition_door_v1 ADD COLUMN IF NOT EXISTS amends Nullable(Int64) AFTER cleared_at;
