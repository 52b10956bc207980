-- Feeds that an operator declared to be over, and when.
SELECT tenant, source, max(at) AS retiredAt FROM $db.feed_retirement_v1 GROUP BY tenant, source
