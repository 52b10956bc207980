-- Alerts, newest first, before a cursor.
SELECT alert FROM $db.transition_v1 FINAL
WHERE tenant = {tenant:String} AND alert_id != ''
  AND ({customer:String} = '' OR customer = {customer:String}) AND ({rule:String} = '' OR rule = {rule:String})
  AND (detected_at, alert_id) < ({beforeAt:Int64}, {beforeId:String})
ORDER BY detected_at DESC, alert_id DESC LIMIT {limit:UInt32}
