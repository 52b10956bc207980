-- A customer’s newest events.
SELECT occurred_at AS at, type, amount, platform, channel, app_version AS appVersion, attributes FROM $db.event_v1
WHERE tenant = {tenant:String} AND customer = {customer:String}
ORDER BY occurred_at DESC, id DESC LIMIT {limit:UInt32}
