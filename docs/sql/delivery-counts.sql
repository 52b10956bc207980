-- Deliveries by channel and by where they stand.
SELECT channel, state, count() AS count FROM (
  SELECT alert_id, channel, argMax(state, number) AS state FROM $db.attempt_v1 FINAL WHERE tenant = {tenant:String} GROUP BY alert_id, channel
) GROUP BY channel, state ORDER BY channel, state
