-- Which of some customers an incident hit.
SELECT DISTINCT customer FROM (SELECT customer, max(occurred_at) AS failedAt FROM $db.event_v1
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND type IN {kinds:Array(String)}
    AND occurred_at >= {from:Int64} AND occurred_at < {until:Int64}
    AND ({appVersion:String} = '' OR app_version = {appVersion:String})
    AND ({platform:String} = '' OR platform = {platform:String}) AND ({channel:String} = '' OR channel = {channel:String})
  GROUP BY customer)
