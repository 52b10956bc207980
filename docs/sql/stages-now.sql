-- How the stage of some customers stands after its last move.
SELECT customer, argMax(to_stage, sequence), max(sequence), argMax(became_due_at, sequence)
FROM $db.stage_v1
WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)}
GROUP BY customer
