-- Where the deliveries of some alerts stand.
SELECT alert_id AS alert, channel, argMax(state, number) AS state,
  argMax(reason, number) AS reason, max(number) AS attempts, max(at) AS lastAt, argMax(detail, number) AS detail,
  max(incident) AS incident
FROM $db.attempt_v1 FINAL
WHERE tenant = {tenant:String} AND alert_id IN {alerts:Array(String)}
GROUP BY alert_id, channel ORDER BY alert_id, channel
