-- For each rule: flags pending and raised now, and how often it fired and cleared.
SELECT rule, countIf(state = 'pending') AS pending, countIf(state IN ('firing', 'recovering')) AS raised,
  sum(fired) AS firedTotal, sum(cleared) AS clearedTotal
FROM (
  SELECT rule, customer, argMax(to_state, tuple(sequence, became_due_at, detected_at)) AS state,
    countIf(to_state = 'firing' AND from_state != 'recovering') AS fired,
    countIf(to_state = 'clear' AND from_state IN ('firing', 'recovering')) AS cleared
  FROM $db.transition_v1 FINAL
  WHERE tenant = {tenant:String}
  GROUP BY rule, customer
)
GROUP BY rule
