-- Alerts by id, each with where its episode of the flag stands now.
SELECT told.alert_id AS id, told.alert AS alert, stands.state AS state,
  told.alert_id IN (
    SELECT retracts FROM $db.transition_v1 WHERE retracts IN {alerts:Array(String)}
  ) AS withdrawn
FROM (
  SELECT alert_id, alert, tenant, customer, rule, episode FROM $db.transition_v1 FINAL
  WHERE alert_id IN {alerts:Array(String)}
) AS told
INNER JOIN (
  SELECT tenant, customer, rule, episode, argMax(to_state, tuple(sequence, became_due_at, detected_at)) AS state FROM $db.transition_v1
  WHERE (tenant, customer, rule) IN (
    SELECT tenant, customer, rule FROM $db.transition_v1 WHERE alert_id IN {alerts:Array(String)}
  )
  GROUP BY tenant, customer, rule, episode
) AS stands USING (tenant, customer, rule, episode)
