-- Every customer of a share, with the instants (one a minute at most) of what they did after an instant.
SELECT tenant, customer, arraySort(groupUniqArrayIf(at, touched)) AS touchedAt
FROM (
  SELECT tenant, customer, max(occurred_at) AS at, at > {since:Int64} AS touched
  FROM $db.event_v1
  WHERE has({partitions:Array(UInt32)}, kafkaMurmurHash(customer) % {count:UInt32})
  GROUP BY tenant, customer, if(occurred_at > {since:Int64}, intDiv(occurred_at, 60000), 0)
)
GROUP BY tenant, customer
