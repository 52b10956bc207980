-- Where every flag of a share of the customers stands after its last move.
SELECT tenant, customer, rule,
  argMax(to_state, tuple(sequence, became_due_at, detected_at)) AS state, argMax(became_due_at, tuple(sequence, became_due_at, detected_at)) AS since,
  argMax(episode, tuple(sequence, became_due_at, detected_at)) AS lastEpisode, argMax(tuple(cleared_at), tuple(sequence, became_due_at, detected_at)).1 AS clearedAt,
  max(sequence) AS lastSequence, maxIf(episode, to_state IN ('firing', 'recovering', 'retracted')) AS spent
FROM $db.transition_v1
WHERE has({partitions:Array(UInt32)}, kafkaMurmurHash(customer) % {count:UInt32})
GROUP BY tenant, customer, rule
