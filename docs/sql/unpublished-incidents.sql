-- Changes of incidents that were stored but perhaps never reached the topic.
SELECT tenant, id, revision, kinds, app_version AS appVersion, platform, channel, state, began_at AS beganAt,
  detected_at AS detectedAt, ended_at AS endedAt, end_detected_at AS endDetectedAt, failing, active, norm, affected,
  value_at_risk AS valueAtRisk, came_back AS cameBack FROM $db.incident_v1 FINAL
WHERE concat(id, '/', toString(revision)) NOT IN (SELECT transition_id FROM $db.publication_v1)
ORDER BY began_at, id, revision
