-- Hashes of a partition’s counted events, newest first, from a place on. The hash comes as text: it has 64 bits.
SELECT toString(hash) AS hash, received_at FROM $db.counted_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND received_at >= {since:Int64}
  AND (received_at, counted_v1.hash) < ({beforeAt:Int64}, {beforeHash:UInt64})
ORDER BY received_at DESC, counted_v1.hash DESC LIMIT {limit:UInt32}
