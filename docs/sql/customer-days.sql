-- What a customer did on each day since an instant, by type.
SELECT toString(toDate(fromUnixTimestamp64Milli(bucket, 'UTC'))) AS day, type, sum(events) AS count, sum(amount) AS amount
FROM $db.activity_day_v1
WHERE tenant = {tenant:String} AND customer = {customer:String} AND bucket >= {since:Int64}
GROUP BY bucket, type ORDER BY bucket, type
