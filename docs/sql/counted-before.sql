-- Counted events with one of these hashes that stand before a chunk in its partition. One thread: there is little to read, and starting more costs more.
SELECT tenant, customer, source, id, received_at FROM $db.counted_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND hash IN {hashes:Array(UInt64)}
  AND (epoch, offset) < ({epoch:UInt32}, {firstOffset:UInt64}) AND received_at >= {since:Int64}
SETTINGS max_threads = 1
