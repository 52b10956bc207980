-- How far each version, platform and channel of a feed has been heard; of those heard since an hour.
SELECT tenant, source, app_version AS appVersion, platform, channel, max(last_arrived_at) AS lastArrivedAt,
  max(heard_up_to) AS heardUpTo, max(late_at) AS lateAt
FROM $db.cell_hour_v1
WHERE hour >= {since:Int64}
GROUP BY tenant, source, app_version, platform, channel
