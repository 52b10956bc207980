-- How many customers of a tenant were last told to be in each stage.
SELECT stage, count() AS customers FROM (
  SELECT customer, argMax(to_stage, sequence) AS stage FROM $db.stage_v1 WHERE tenant = {tenant:String} GROUP BY customer
) GROUP BY stage
