-- The chunk of a partition that was planned last: the only one that may be stored in part. A plan of an owner who had lost the partition never comes before one of the next.
SELECT epoch, first_offset AS firstOffset, last_offset AS lastOffset, first_print AS firstPrint, last_print AS lastPrint
FROM $db.chunk_plan_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32}
ORDER BY epoch DESC, generation DESC, first_offset DESC, planned_at DESC
LIMIT 1
