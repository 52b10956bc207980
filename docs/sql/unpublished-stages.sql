-- Moves of stages that were stored but perhaps never reached the topic: what a crash between the two leaves behind.
SELECT id, sequence, tenant, customer, definition, from_stage AS "from", to_stage AS "to",
  became_due_at AS becameDueAt, detected_at AS detectedAt, amends FROM $db.stage_v1 FINAL
WHERE has({partitions:Array(UInt32)}, kafkaMurmurHash(customer) % {count:UInt32}) AND id NOT IN (SELECT transition_id FROM $db.publication_v1)
ORDER BY tenant, customer, sequence
