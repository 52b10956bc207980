-- The mean, over customers with two active days at least, of their own mean gap between active days.
SELECT count() AS customers, if(customers = 0, 0, avg((last - first) / 86400000 / (n - 1))) AS days
FROM (
  SELECT uniqExact(intDiv(occurred_at, 86400000)) AS n, min(occurred_at) AS first, max(occurred_at) AS last
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND type IN {types:Array(String)} AND occurred_at <= {upTo:Int64}
  GROUP BY customer
  HAVING n >= 2
)
