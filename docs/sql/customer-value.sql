-- What a customer has been worth.
SELECT as_of AS asOf, recency, frequency, monetary, tier, active_days AS activeDays, spend FROM $db.value_v1 FINAL
WHERE tenant = {tenant:String} AND customer = {customer:String}
