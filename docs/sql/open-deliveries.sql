-- Alerts that some channel has neither delivered nor given up.
WITH owed AS (
  SELECT alert_id, alert, detected_at, arrayJoin({channels:Array(String)}) AS channel
  FROM $db.transition_v1 FINAL
  WHERE alert_id != '' AND detected_at > {since:Int64}
),
tried AS (
  SELECT alert_id, channel, count() AS attempts, countIf(state != 'retrying') AS ended, argMax(tuple(retry_at), number).1 AS retryAt
  FROM $db.attempt_v1 FINAL
  GROUP BY alert_id, channel
)
SELECT owed.alert AS alert, owed.channel AS channel, tried.attempts AS attempts, tried.retryAt AS retryAt
FROM owed LEFT JOIN tried ON owed.alert_id = tried.alert_id AND owed.channel = tried.channel
WHERE tried.ended = 0
ORDER BY owed.detected_at, owed.alert_id
