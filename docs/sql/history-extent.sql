-- How many customers and events a tenant has, and from when to when.
SELECT uniqExact(customer) AS customers, sum(events) AS events, min(first_at) AS firstAt, max(last_at) AS lastAt
FROM $db.activity_day_v1 WHERE tenant = {tenant:String}
