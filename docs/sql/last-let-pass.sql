-- Up to which offset an operator last let a partition’s refused records pass.
SELECT up_to_offset AS upToOffset, at FROM $db.let_pass_v1
WHERE topic = {topic:String} AND partition = {partition:UInt32} ORDER BY at DESC, up_to_offset DESC LIMIT 1
