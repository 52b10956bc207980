-- Incidents as they are now, those that began last first.
SELECT tenant, id, revision, kinds, app_version AS appVersion, platform, channel, state, began_at AS beganAt,
  detected_at AS detectedAt, ended_at AS endedAt, end_detected_at AS endDetectedAt, failing, active, norm, affected,
  value_at_risk AS valueAtRisk, came_back AS cameBack FROM (SELECT * FROM $db.incident_v1 ORDER BY tenant, id, revision DESC LIMIT 1 BY tenant, id)
WHERE tenant = {tenant:String} AND ({state:String} = '' OR state = {state:String}) AND ({id:String} = '' OR id = {id:String})
ORDER BY began_at DESC, id LIMIT {limit:UInt32}
