-- Refused records, newest first, behind a cursor.
SELECT id, reason, detail, topic, partition, epoch, offset, key, value_base64 AS value, headers, arrived_at AS arrivedAt,
  first_seen_at AS firstSeenAt, last_seen_at AS lastSeenAt, replayedAt, replayedSource, replayedId
FROM $db.dead_letter_v2 FINAL LEFT JOIN (
  SELECT letter, min(at) AS replayedAt, argMin(source, at) AS replayedSource, argMin(event, at) AS replayedId
  FROM $db.dead_letter_replay_v1 GROUP BY letter
) AS replay ON replay.letter = id
WHERE (topic, partition, epoch, offset, id) IN (
  SELECT topic, partition, epoch, offset, id FROM $db.dead_letter_v2 FINAL
  WHERE ({reason:String} = '' OR reason = {reason:String}) AND ({topic:String} = '' OR topic = {topic:String})
    AND (empty({ids:Array(String)}) OR id IN {ids:Array(String)})
    AND ({open:UInt8} = 0 OR id NOT IN (SELECT letter FROM $db.dead_letter_replay_v1))
    AND (first_seen_at, offset, id) < ({beforeAt:Int64}, {beforeOffset:UInt64}, {beforeId:String})
  ORDER BY first_seen_at DESC, offset DESC, id DESC LIMIT {limit:UInt32}
)
ORDER BY first_seen_at DESC, offset DESC, id DESC
