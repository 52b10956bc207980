-- The same of the last seven days, and of this weekday and hour, with an hour to either side, of the last four weeks; up to an hour before the hour asked about, and without what was part of an incident.
SELECT tenant, period.1 AS span, period.2 AS ago, app_version AS appVersion, platform, channel,
  sum(crash) AS crash, sum(freeze) AS freeze, sum(login_failed) AS login_failed, sum(update_failed) AS update_failed, sum(payment_failed) AS payment_failed, sum(using) AS using, sum(paying) AS paying
FROM (
  SELECT tenant, intDiv(bucket, 900000) * 900000 AS quarter, app_version, platform, channel,
    uniqCombinedMergeIf(14)(customers, activity = 'crash') AS crash, uniqCombinedMergeIf(14)(customers, activity = 'freeze') AS freeze, uniqCombinedMergeIf(14)(customers, activity = 'login_failed') AS login_failed, uniqCombinedMergeIf(14)(customers, activity = 'update_failed') AS update_failed, uniqCombinedMergeIf(14)(customers, activity = 'payment_failed') AS payment_failed,
    uniqCombinedMergeIf(14)(customers, NOT activity IN ('paying', 'payment_failed')) AS using, uniqCombinedMergeIf(14)(customers, activity IN ('paying', 'payment_failed')) AS paying
  FROM $db.attendance_v1
  WHERE bucket >= {hour:Int64} - 2422800000 AND bucket < {hour:Int64} - 3600000
    AND NOT arrayExists(
      (of, began, ended, v, p, c) -> tenant = of AND bucket >= began AND bucket < ended
        AND (v = '' OR v = app_version) AND (p = '' OR p = platform) AND (c = '' OR c = channel),
      {tenants:Array(String)}, {began:Array(Int64)}, {ended:Array(Int64)},
      {versions:Array(String)}, {platforms:Array(String)}, {channels:Array(String)}
    )
    AND (bucket >= {hour:Int64} - 608400000 OR positiveModulo(bucket - {hour:Int64} + 3600000, 604800000) < 10800000)
  GROUP BY tenant, quarter, app_version, platform, channel
)
ARRAY JOIN arrayConcat(
  if(quarter >= {hour:Int64} - 608400000, [('day', intDiv({hour:Int64} - 3600000 - 1 - quarter, 86400000) + 1)], []),
  arrayMap(ago -> ('week', ago), arrayFilter(
    ago -> quarter >= {hour:Int64} - ago * 604800000 - 3600000 AND quarter < {hour:Int64} - ago * 604800000 + 7200000,
    [toInt64(1), 2, 3, 4]
  ))
) AS period
GROUP BY tenant, span, ago, appVersion, platform, channel
ORDER BY using + paying DESC LIMIT 20000
