-- Which of some customers were last heard in what fell silent.
SELECT DISTINCT customer FROM (SELECT customer, max(lastAt) AS failedAt FROM (
    SELECT customer, source, max(occurred_at) AS lastAt,
      argMax((app_version, platform, channel), (occurred_at, id)) AS cell
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND occurred_at <= {from:Int64}
      AND (app_version != '' OR platform != '' OR channel != '')
    GROUP BY customer, source
  )
  WHERE ({appVersion:String} = '' OR cell.1 = {appVersion:String})
    AND ({platform:String} = '' OR cell.2 = {platform:String}) AND ({channel:String} = '' OR cell.3 = {channel:String})
  GROUP BY customer)
