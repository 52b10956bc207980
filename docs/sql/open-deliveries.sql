-- A page of the alerts that some channel has neither delivered nor given up, oldest first; names only.
SELECT detected_at AS detectedAt, retraction, alert_id AS alert, channel, retracts
FROM (
  SELECT detected_at, retracts != '' AS retraction, alert_id, retracts, arrayJoin({channels:Array(String)}) AS channel
  FROM $db.transition_v1
  WHERE alert_id != '' AND detected_at > {since:Int64} AND detected_at >= {afterAt:Int64}
)
WHERE (detected_at, retraction, alert_id, channel)
    > ({afterAt:Int64}, {afterRetraction:UInt8}, {afterAlert:String}, {afterChannel:String})
  AND (alert_id, channel) NOT IN (
    SELECT alert_id, channel FROM $db.attempt_v1
    WHERE state != 'retrying' AND has({channels:Array(String)}, channel) AND at > {triedSince:Int64}
  )
  AND NOT (has({dueOnly:Array(String)}, channel) AND (alert_id, channel) IN (
    SELECT alert_id, channel FROM $db.attempt_v1
    WHERE state = 'retrying' AND has({dueOnly:Array(String)}, channel)
    GROUP BY alert_id, channel
    HAVING argMax(retry_at, number) > {now:Int64}
  ))
ORDER BY detected_at, retraction, alert_id, channel
LIMIT {limit:UInt32}
