-- Refused records that say the same of the same topic, the largest groups first.
SELECT reason, detail, topic, count() AS count, countIf(id IN (SELECT letter FROM $db.dead_letter_replay_v1)) AS replayed,
  min(first_seen_at) AS firstSeenAt, max(last_seen_at) AS lastSeenAt
FROM $db.dead_letter_v2 FINAL
WHERE ({reason:String} = '' OR reason = {reason:String}) AND ({topic:String} = '' OR topic = {topic:String})
GROUP BY reason, detail, topic ORDER BY count DESC, lastSeenAt DESC LIMIT {limit:UInt32}
