-- What was tried for some alerts, by channel: tries written down before they began, and how they ended.
SELECT alert_id AS alert, channel, max(tried) AS known, max(announced) AS begun, max(is_end) AS ended,
  argMax(tuple(retry_at), (tried, at)).1 AS retryAt, max(may_have_arrived) AS mayHaveArrived,
  argMaxIf(incident, (tried, at), incident != '') AS heldFor
FROM (
  SELECT alert_id, channel, number AS tried, 0 AS announced, state != 'retrying' AS is_end, retry_at, may_have_arrived,
    at, incident
  FROM $db.attempt_v1 WHERE alert_id IN {alerts:Array(String)}
  UNION ALL
  SELECT alert_id, channel, 0 AS tried, number AS announced, 0 AS is_end, NULL AS retry_at, 0 AS may_have_arrived,
    at, '' AS incident
  FROM $db.intent_v1 WHERE alert_id IN {alerts:Array(String)}
)
GROUP BY alert_id, channel
