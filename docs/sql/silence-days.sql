-- How many whole days each silence of a day at least was seen to last, and whether an activity ended it on the day after: counts, for all and by segment. Only those days count whose end lies within the data.
SELECT segment.1, segment.2, cityHash64(customer) % 64, days, countIf(returned), countIf(NOT returned)
FROM (
  SELECT customer, first_at, platform, channel, started_at, tier,
    intDiv({upTo:Int64} - started_at, 86400000) AS seen_days,
    if(ended_at = 0, seen_days, intDiv(ended_at - started_at - 1, 86400000)) AS lasted_days,
    lasted_days < seen_days AS returned,
    least(lasted_days, seen_days) AS days
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
  ) AS silence
  LEFT JOIN (
  SELECT customer,
    multiIf(spend <= 0, 'C', above < 0.8 * total, 'A', above < 0.95 * total, 'B', 'C') AS tier
  FROM (
    SELECT customer, spend, sum(greatest(spend, 0)) OVER () AS total,
      sum(greatest(spend, 0)) OVER (ORDER BY spend DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        - greatest(spend, 0) * count() OVER (PARTITION BY spend) AS above
    FROM (
      SELECT customer, maxIf(occurred_at, type IN {events:Array(String)}) AS last_at,
        groupArrayIf((occurred_at, if(type IN {givesBack:Array(String)}, -1, 1) * ifNull(amount, 0)), type IN {earns:Array(String)} OR type IN {givesBack:Array(String)}) AS deals,
        arraySum(deal -> if(deal.1 > last_at - 31536000000 AND deal.1 <= last_at, deal.2, 0), deals) AS spend
      FROM $db.event_v1
      WHERE tenant = {tenant:String} AND occurred_at <= {upTo:Int64}
      GROUP BY tenant, customer
      HAVING last_at > 0
    )
  )
  ) AS worth USING customer
  WHERE started_at >= {from:Int64}
)
ARRAY JOIN [('all', ''), ('value', tier), ('tenure', multiIf((started_at - first_at) < 2592000000, '0-30 d', (started_at - first_at) < 7776000000, '30-90 d', (started_at - first_at) < 31536000000, '90-365 d', '365 d up')), ('platform', platform), ('channel', channel)] AS segment
WHERE days >= 1
GROUP BY ALL
