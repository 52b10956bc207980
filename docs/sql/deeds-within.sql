-- Who did something of some types after an instant and not after another, and when first: what a score is held against.
SELECT customer, min(occurred_at)
FROM $db.event_v1
WHERE tenant = {tenant:String} AND type IN {types:Array(String)} AND occurred_at > {after:Int64} AND occurred_at <= {upTo:Int64}
GROUP BY customer
