-- When a customer was first and last seen.
SELECT min(first_at) AS firstSeenAt, max(last_at) AS lastSeenAt, sum(events) AS events FROM $db.activity_day_v1
WHERE tenant = {tenant:String} AND customer = {customer:String}
