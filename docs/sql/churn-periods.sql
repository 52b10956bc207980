-- By one definition of churn: how many customers stood at the beginning of each period, how many of them churned within it, and how many of these have come back since.
SELECT period, countIf(stood), countIf(stood AND churned), countIf(stood AND churned AND back)
FROM (
  SELECT customer, period, max(period >= started_at AND period < stood_until) AS stood,
    max(is_churn AND churned_at > period AND churned_at <= period + {lengthMs:Int64}) AS churned,
    max(is_churn AND churned_at > period AND churned_at <= period + {lengthMs:Int64} AND ended_at != 0) AS back
  FROM (
    SELECT customer, started_at, ended_at,
      started_at + greatest({afterMs:Int64}, toInt64(ceil({gaps:Float64} * (started_at - first_at + {priorMs:Int64}) / (active_days + 2)))) AS churned_at,
      churned_at <= {upTo:Int64} AND (ended_at = 0 OR churned_at < ended_at) AS is_churn,
      multiIf(is_churn, churned_at, ended_at = 0, {upTo:Int64} + 1, ended_at) AS stood_until
    FROM (
  SELECT customer, first_at, platform, channel, started_at, ended_at, days_before + 1 AS active_days
  FROM (
    SELECT customer, min(occurred_at) AS first_at, arraySort(groupUniqArray(occurred_at)) AS instants,
      argMinIf(platform, (occurred_at, id), platform != '') AS platform,
      argMinIf(channel, (occurred_at, id), channel != '') AS channel
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND type IN {events:Array(String)} AND occurred_at <= {upTo:Int64}
    GROUP BY tenant, customer
  )
  ARRAY JOIN instants AS started_at, arrayPushBack(arrayPopFront(instants), 0) AS ended_at,
    arrayCumSum(change -> change != 0, arrayDifference(arrayMap(at -> intDiv(at, 86400000), instants))) AS days_before
    )
  )
  ARRAY JOIN arrayFilter(at -> (at >= started_at AND at < stood_until) OR (is_churn AND churned_at > at AND churned_at <= at + {lengthMs:Int64}), {periods:Array(Int64)}) AS period
  GROUP BY customer, period
)
GROUP BY period
ORDER BY period
