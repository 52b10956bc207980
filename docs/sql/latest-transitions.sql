-- The flags that moved last.
SELECT id, sequence, tenant, customer, rule, rule_version AS ruleVersion, episode, from_state AS "from", to_state AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, severity, reason, evidence, cleared_at AS clearedAt, amends, alert FROM $db.transition_v1 FINAL WHERE tenant = {tenant:String}
ORDER BY detected_at DESC, became_due_at DESC, id DESC LIMIT {limit:UInt32}
