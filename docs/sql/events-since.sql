-- What some customers did, each from an instant of their own on, oldest first.
SELECT customer, arrayMap(event -> event.1, events), arrayMap(event -> event.2, events)
FROM (
  SELECT customer, arraySort(groupUniqArray(tuple(occurred_at, toString(type)))) AS events
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND occurred_at >= {earliest:Int64}
    AND occurred_at >= {since:Array(Int64)}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))]
  GROUP BY customer
)
