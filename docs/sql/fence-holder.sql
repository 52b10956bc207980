-- Who holds something that has one owner at a time: the greatest generation, and of two equal ones the greater owner.
SELECT generation, owner FROM $db.fence_v1 WHERE resource = {resource:String}
ORDER BY generation DESC, owner DESC LIMIT 1
