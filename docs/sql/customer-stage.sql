-- Which stage a customer was last told to be in, and since when.
SELECT to_stage AS stage, became_due_at AS since FROM $db.stage_v1
WHERE tenant = {tenant:String} AND customer = {customer:String} ORDER BY sequence DESC LIMIT 1
