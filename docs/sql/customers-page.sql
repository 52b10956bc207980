-- Some customers of a share, by name, after the one named last.
SELECT tenant, customer
FROM $db.activity_day_v1
WHERE (tenant, customer) > ({afterTenant:String}, {afterCustomer:String}) AND has({partitions:Array(UInt32)}, kafkaMurmurHash(customer) % {count:UInt32})
GROUP BY tenant, customer
ORDER BY tenant, customer
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1
