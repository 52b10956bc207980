-- How many customers were heard within a version, platform and channel in the day up to an instant, and how many of them anywhere after it.
SELECT count() AS cohort, countIf(again) AS heard
FROM (
  SELECT customer, max(occurred_at > {at:Int64}) AS again
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND occurred_at > {at:Int64} - 86400000 AND occurred_at <= {until:Int64}
  GROUP BY customer
  HAVING max(
    occurred_at <= {at:Int64} AND ({appVersion:String} = '' OR app_version = {appVersion:String})
    AND ({platform:String} = '' OR platform = {platform:String}) AND ({channel:String} = '' OR channel = {channel:String})
  )
)
