-- When some customers did something, by name, after the one named last: anything, of some types, of one type.
SELECT customer, arraySort(groupUniqArray(occurred_at)),
  arraySort(groupUniqArrayIf(occurred_at, type IN {engaged:Array(String)})),
  arraySort(groupUniqArrayIf(occurred_at, type = {marked:String}))
FROM $db.event_v1
WHERE tenant = {tenant:String} AND customer > {after:String} AND occurred_at <= {upTo:Int64}
GROUP BY tenant, customer
ORDER BY tenant, customer
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1
