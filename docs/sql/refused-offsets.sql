-- Which offsets of a stretch of a partition were refused.
SELECT DISTINCT offset FROM $db.dead_letter_v2
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND epoch = {epoch:UInt32}
  AND offset >= {from:UInt64} AND offset < {to:UInt64}
ORDER BY offset
