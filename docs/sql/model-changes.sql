-- Which score was in force when, the oldest change first.
SELECT kind, version, at FROM $db.score_change_v1
WHERE tenant = {tenant:String} AND pack = {pack:String}
ORDER BY at
