-- The chunk of a partition that was planned last: the only one that may be stored in part.
SELECT epoch, first_offset AS firstOffset, last_offset AS lastOffset
FROM $db.chunk_plan_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32}
ORDER BY epoch DESC, first_offset DESC, planned_at DESC
LIMIT 1
