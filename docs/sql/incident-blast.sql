-- How many customers whom an incident hit, what they had spent in 90 days, and how many of them were there again since.
SELECT count() AS affected, sum(spent) AS valueAtRisk, max(failedAt) AS lastFailedAt, countIf(seenAt > 0) AS cameBack
FROM (
  SELECT customer, max(occurred_at) AS failedAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND 1 AND type IN {kinds:Array(String)}
    AND occurred_at >= {from:Int64} AND occurred_at < {until:Int64}
    AND ({appVersion:String} = '' OR app_version = {appVersion:String})
    AND ({platform:String} = '' OR platform = {platform:String}) AND ({channel:String} = '' OR channel = {channel:String})
  GROUP BY customer
) AS failed
LEFT JOIN (
  SELECT customer, sum(amount) AS spent FROM $db.activity_day_v1
  WHERE tenant = {tenant:String} AND type IN ('order', 'payment', 'recharge')
    AND bucket >= {from:Int64} - 7862400000 AND bucket <= {from:Int64} - 86400000
    AND customer IN (SELECT customer FROM (SELECT customer, max(occurred_at) AS failedAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND 1 AND type IN {kinds:Array(String)}
    AND occurred_at >= {from:Int64} AND occurred_at < {until:Int64}
    AND ({appVersion:String} = '' OR app_version = {appVersion:String})
    AND ({platform:String} = '' OR platform = {platform:String}) AND ({channel:String} = '' OR channel = {channel:String})
  GROUP BY customer))
  GROUP BY customer
) AS spending USING customer
LEFT JOIN (
  SELECT customer, max(occurred_at) AS seenAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND type IN {engagement:Array(String)} AND occurred_at >= {since:Int64}
    AND customer IN (SELECT customer FROM (SELECT customer, max(occurred_at) AS failedAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND 1 AND type IN {kinds:Array(String)}
    AND occurred_at >= {from:Int64} AND occurred_at < {until:Int64}
    AND ({appVersion:String} = '' OR app_version = {appVersion:String})
    AND ({platform:String} = '' OR platform = {platform:String}) AND ({channel:String} = '' OR channel = {channel:String})
  GROUP BY customer))
  GROUP BY customer
) AS seen USING customer
