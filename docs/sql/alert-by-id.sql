-- One alert or retraction.
SELECT alert FROM $db.transition_v1 FINAL WHERE tenant = {tenant:String} AND alert_id = {id:String} LIMIT 1
