-- The records refused last, with their bytes.
SELECT id, reason, detail, topic, partition, offset, key, value_base64 AS value, at
FROM $db.dead_letter_v1 FINAL ORDER BY at DESC, id DESC LIMIT {limit:UInt32}
