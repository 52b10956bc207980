-- Refused records by reason.
SELECT reason, count() AS count FROM $db.dead_letter_v2 FINAL GROUP BY reason ORDER BY count DESC
