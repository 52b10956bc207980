-- When a page of customers did something after an instant, or something that came in late; of very many instants the last of each minute.
SELECT tenant, customer,
  arraySort(if(sum(length(few)) > 1000, groupArray(last), arrayFlatten(groupArray(arrayDistinct(arrayPushBack(few, last))))))
FROM (
  SELECT tenant, customer, max(occurred_at) AS last, groupUniqArray(100)(occurred_at) AS few
  FROM $db.event_v1
  WHERE (occurred_at > {since:Int64} OR (received_at > {receivedAfter:Int64} AND occurred_at > {occurredAfter:Int64}))
    AND has({partitions:Array(UInt32)}, kafkaMurmurHash(customer) % {count:UInt32})
    AND (tenant, customer) >= ({firstTenant:String}, {firstCustomer:String})
    AND (tenant, customer) <= ({lastTenant:String}, {lastCustomer:String})
  GROUP BY tenant, customer, intDiv(occurred_at, 60000)
)
GROUP BY tenant, customer
