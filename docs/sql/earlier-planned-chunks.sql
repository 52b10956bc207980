-- Chunks before one, by which a log is recognised: the nearest, the second, fourth, eighth before, and the earliest that the log still holds.
SELECT epoch, firstOffset, lastOffset, firstPrint, lastPrint
FROM (
  SELECT epoch, first_offset AS firstOffset, last_offset AS lastOffset, first_print AS firstPrint, last_print AS lastPrint, row_number() OVER (ORDER BY first_offset DESC) AS distance, count() OVER () AS all
  FROM $db.chunk_plan_v1
  WHERE topic = {topic:String} AND partition = {partition:UInt32} AND epoch = {epoch:UInt32} AND first_print != ''
    AND first_offset >= {startOffset:UInt64} AND last_offset < least({firstOffset:UInt64}, {endOffset:UInt64})
)
WHERE bitCount(distance) = 1 OR distance = all
ORDER BY distance
