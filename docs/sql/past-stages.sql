-- Everything ever told of some customers’ stages, each customer’s moves in the order they were made.
SELECT id, sequence, tenant, customer, definition, from_stage AS "from", to_stage AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, amends FROM $db.stage_v1 FINAL
WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
ORDER BY customer, sequence
