-- The customers who were last heard, within three days, in what fell silent, those who had spent most first.
SELECT customer, failedAt AS lastFailedAt, spent, seenAt AS seenSince
FROM (
  SELECT customer, max(lastAt) AS failedAt FROM (
    SELECT customer, source, max(occurred_at) AS lastAt,
      argMax((app_version, platform, channel), (occurred_at, id)) AS cell
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND occurred_at > {from:Int64} - 259200000 AND occurred_at <= {from:Int64}
      AND (app_version != '' OR platform != '' OR channel != '')
    GROUP BY customer, source
  )
  WHERE ({appVersion:String} = '' OR cell.1 = {appVersion:String})
    AND ({platform:String} = '' OR cell.2 = {platform:String}) AND ({channel:String} = '' OR cell.3 = {channel:String})
  GROUP BY customer
) AS failed
LEFT JOIN (
  SELECT customer, sum(amount) AS spent FROM $db.activity_day_v1
  WHERE tenant = {tenant:String} AND type IN ('order', 'payment', 'recharge')
    AND bucket >= {from:Int64} - 7862400000 AND bucket <= {from:Int64} - 86400000
    AND customer IN (SELECT customer FROM (SELECT customer, max(lastAt) AS failedAt FROM (
    SELECT customer, source, max(occurred_at) AS lastAt,
      argMax((app_version, platform, channel), (occurred_at, id)) AS cell
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND occurred_at > {from:Int64} - 259200000 AND occurred_at <= {from:Int64}
      AND (app_version != '' OR platform != '' OR channel != '')
    GROUP BY customer, source
  )
  WHERE ({appVersion:String} = '' OR cell.1 = {appVersion:String})
    AND ({platform:String} = '' OR cell.2 = {platform:String}) AND ({channel:String} = '' OR cell.3 = {channel:String})
  GROUP BY customer))
  GROUP BY customer
) AS spending USING customer
LEFT JOIN (
  SELECT customer, max(occurred_at) AS seenAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND type IN {engagement:Array(String)} AND occurred_at >= {since:Int64}
    AND customer IN (SELECT customer FROM (SELECT customer, max(lastAt) AS failedAt FROM (
    SELECT customer, source, max(occurred_at) AS lastAt,
      argMax((app_version, platform, channel), (occurred_at, id)) AS cell
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND occurred_at > {from:Int64} - 259200000 AND occurred_at <= {from:Int64}
      AND (app_version != '' OR platform != '' OR channel != '')
    GROUP BY customer, source
  )
  WHERE ({appVersion:String} = '' OR cell.1 = {appVersion:String})
    AND ({platform:String} = '' OR cell.2 = {platform:String}) AND ({channel:String} = '' OR cell.3 = {channel:String})
  GROUP BY customer))
  GROUP BY customer
) AS seen USING customer
ORDER BY spent DESC, customer LIMIT {limit:UInt32}
