-- Events and customers on each day since an instant.
SELECT toString(toDate(fromUnixTimestamp64Milli(bucket, 'UTC'))) AS day, sum(events) AS count, uniqExact(customer) AS customers
FROM $db.activity_day_v1
WHERE tenant = {tenant:String} AND bucket >= {since:Int64} AND bucket <= {until:Int64}
GROUP BY bucket ORDER BY bucket
