-- When the busiest versions, platforms and channels of each feed were heard, by hour and minute of arrival.
SELECT tenant, source, app_version AS appVersion, platform, channel, hour, sum(events) AS events,
  min(first_arrived_at) AS firstArrivedAt, max(last_arrived_at) AS lastArrivedAt, max(heard_up_to) AS heardUpTo,
  min(least_lag_ms) AS leastLagMs, groupBitOr(first_half) AS firstHalf, groupBitOr(second_half) AS secondHalf
FROM $db.cell_hour_v1
WHERE hour >= {since:Int64} AND (tenant, source, app_version, platform, channel) IN (
  SELECT tenant, source, app_version, platform, channel FROM $db.cell_hour_v1 WHERE hour >= {since:Int64}
  GROUP BY tenant, source, app_version, platform, channel HAVING sum(events) >= {least:UInt64} ORDER BY sum(events) DESC LIMIT 1000
)
GROUP BY tenant, source, app_version, platform, channel, hour
ORDER BY hour
