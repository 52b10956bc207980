-- How many customers and events a tenant has.
SELECT uniqExact(customer) AS customers, sum(events) AS events FROM $db.activity_day_v1 WHERE tenant = {tenant:String}
