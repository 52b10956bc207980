-- The version, platform and channel under which each source told of some customers last.
SELECT tenant, customer, source, last.1 AS appVersion, last.2 AS platform, last.3 AS channel
FROM (
  SELECT tenant, customer, source, argMax((app_version, platform, channel), (occurred_at, id)) AS last
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
    AND (app_version != '' OR platform != '' OR channel != '')
  GROUP BY tenant, customer, source
)
