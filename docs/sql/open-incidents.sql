-- The incidents that are open, of all tenants.
SELECT tenant, id, revision, kinds, app_version AS appVersion, platform, channel, state, began_at AS beganAt,
  detected_at AS detectedAt, ended_at AS endedAt, end_detected_at AS endDetectedAt, failing, active, norm, affected,
  value_at_risk AS valueAtRisk, came_back AS cameBack FROM (SELECT * FROM $db.incident_v1 ORDER BY tenant, id, revision DESC LIMIT 1 BY tenant, id) WHERE state = 'open' ORDER BY began_at, id
