-- Records of the embedded log from an offset on.
SELECT offset, key, value, encoding, headers, timestamp FROM $db.journal_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} AND offset >= {from:UInt64}
ORDER BY offset LIMIT {limit:UInt32}
