-- Every move of a customer’s flags, newest first.
SELECT id, sequence, tenant, customer, rule, rule_version AS ruleVersion, episode, from_state AS "from", to_state AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, severity, reason, evidence, cleared_at AS clearedAt, amends, alert FROM $db.transition_v1 FINAL
WHERE tenant = {tenant:String} AND customer = {customer:String}
ORDER BY became_due_at DESC, detected_at DESC LIMIT {limit:UInt32}
