-- What every customer has been worth in the year before an instant, by the pack "app".
INSERT INTO $db.value_v1 (tenant, customer, as_of, last_active_at, active_days, spend, recency, frequency, monetary, tier)
SELECT tenant, customer, {asOf:Int64}, last_active_at, active_days, spend,
  1 + intDiv(5 * (rank() OVER (PARTITION BY tenant ORDER BY last_active_at) - 1), base),
  1 + intDiv(5 * (rank() OVER (PARTITION BY tenant ORDER BY active_days) - 1), base),
  1 + intDiv(5 * (rank() OVER (PARTITION BY tenant ORDER BY spend) - 1), base),
  multiIf(spend <= 0, 'C', above < 0.8 * total, 'A', above < 0.95 * total, 'B', 'C')
FROM (
  SELECT *, count() OVER (PARTITION BY tenant) AS base, sum(greatest(spend, 0)) OVER (PARTITION BY tenant) AS total,
    -- What those who spend more make up together.
    sum(greatest(spend, 0)) OVER (PARTITION BY tenant ORDER BY spend DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
      - greatest(spend, 0) * count() OVER (PARTITION BY tenant, spend) AS above
  FROM (
    SELECT tenant, customer, maxIf(last_at, type IN ('app_install', 'app_open', 'session_start', 'login', 'page_view', 'search', 'add_to_cart', 'order', 'payment', 'recharge', 'deposit', 'withdrawal', 'booking', 'campaign_redeemed')) AS last_active_at,
      uniqExactIf(bucket, bucket >= {asOf:Int64} - 31536000000 AND type IN ('app_install', 'app_open', 'session_start', 'login', 'page_view', 'search', 'add_to_cart', 'order', 'payment', 'recharge', 'deposit', 'withdrawal', 'booking', 'campaign_redeemed')) AS active_days,
      sumIf(amount, bucket >= {asOf:Int64} - 31536000000 AND type IN ('order', 'payment', 'recharge', 'booking')) - sumIf(amount, bucket >= {asOf:Int64} - 31536000000 AND type IN ('refund')) AS spend
    FROM $db.activity_day_v1
    WHERE bucket < {asOf:Int64}
    GROUP BY tenant, customer
    HAVING last_active_at > 0
  )
)
