-- Everything ever decided about some customers, each flag’s moves in the order they were made.
SELECT id, sequence, tenant, customer, rule, rule_version AS ruleVersion, episode, from_state AS "from", to_state AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, severity, reason, evidence, cleared_at AS clearedAt, amends, alert
FROM $db.transition_v1 FINAL
WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
ORDER BY customer, rule, sequence, became_due_at, detected_at
