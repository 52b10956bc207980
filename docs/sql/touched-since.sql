-- The instants (one a minute at most) of what a page of customers did after an instant.
SELECT tenant, customer, arraySort(groupArray(at))
FROM (
  SELECT tenant, customer, max(occurred_at) AS at
  FROM $db.event_v1
  WHERE occurred_at > {since:Int64} AND has({partitions:Array(UInt32)}, kafkaMurmurHash(customer) % {count:UInt32})
    AND (tenant, customer) >= ({firstTenant:String}, {firstCustomer:String})
    AND (tenant, customer) <= ({lastTenant:String}, {lastCustomer:String})
  GROUP BY tenant, customer, intDiv(occurred_at, 60000)
)
GROUP BY tenant, customer
