-- How far the deadlines of each partition have been decided.
SELECT partition, up_to AS upTo FROM $db.decided_v1 FINAL
WHERE partitions = {count:UInt32} AND has({partitions:Array(UInt32)}, partition)
