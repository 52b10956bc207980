-- When the busiest feeds were heard, hour by hour and minute by minute of arrival, and up to when.
SELECT tenant, source, intDiv(received_at, 3600000) * 3600000 AS hour, count() AS events,
  min(received_at) AS firstArrivedAt, max(received_at) AS lastArrivedAt,
  max(least(occurred_at, received_at)) AS heardUpTo,
  min(received_at - least(occurred_at, received_at)) AS leastLagMs,
  groupBitOr(bitShiftLeft(toUInt32(minute < 30), minute % 30)) AS firstHalf,
  groupBitOr(bitShiftLeft(toUInt32(minute >= 30), minute % 30)) AS secondHalf
FROM (
  SELECT tenant, source, occurred_at, received_at, toUInt8(intDiv(received_at % 3600000, 60000)) AS minute
  FROM $db.event_v1
  WHERE received_at > {since:Int64} AND (tenant, source) IN (
    SELECT tenant, source FROM $db.event_v1 WHERE received_at > {since:Int64}
    GROUP BY tenant, source ORDER BY count() DESC LIMIT {most:UInt32}
  )
)
GROUP BY tenant, source, hour
ORDER BY hour
