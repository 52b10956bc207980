-- Moves that were stored but perhaps never reached the topics: what a crash between the two leaves behind.
SELECT id, sequence, tenant, customer, rule, rule_version AS ruleVersion, episode, from_state AS "from", to_state AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, severity, reason, evidence, cleared_at AS clearedAt, amends, alert
FROM $db.transition_v1 FINAL
WHERE has({partitions:Array(UInt32)}, kafkaMurmurHash(customer) % {count:UInt32}) AND id NOT IN (SELECT transition_id FROM $db.publication_v1)
ORDER BY tenant, customer, rule, sequence, became_due_at, detected_at
