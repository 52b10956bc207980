-- Customers who failed, and who were there, in each quarter of the hour up to an instant, by version, platform and channel.
SELECT tenant, intDiv({end:Int64} - 300000 - bucket, 900000) AS ago, app_version AS appVersion, platform, channel,
    uniqCombinedMergeIf(14)(customers, activity = 'crash') AS crash, uniqCombinedMergeIf(14)(customers, activity = 'freeze') AS freeze, uniqCombinedMergeIf(14)(customers, activity = 'login_failed') AS login_failed, uniqCombinedMergeIf(14)(customers, activity = 'update_failed') AS update_failed, uniqCombinedMergeIf(14)(customers, activity = 'payment_failed') AS payment_failed,
    uniqCombinedMergeIf(14)(customers, NOT activity IN ('paying', 'payment_failed')) AS using, uniqCombinedMergeIf(14)(customers, activity IN ('paying', 'payment_failed')) AS paying,
    [minIf(bucket, activity = 'crash'), minIf(bucket, activity = 'freeze'), minIf(bucket, activity = 'login_failed'), minIf(bucket, activity = 'update_failed'), minIf(bucket, activity = 'payment_failed')] AS firstFailedAt
FROM $db.attendance_v1
WHERE bucket >= {end:Int64} - 3600000 AND bucket < {end:Int64}
GROUP BY tenant, ago, appVersion, platform, channel
ORDER BY using + paying DESC LIMIT 20000
