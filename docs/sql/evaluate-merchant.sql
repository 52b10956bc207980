-- Signals, verdicts and stages of the pack "merchant" for a set of customers, each as of instants of their own.
WITH
pieces AS (
  SELECT customer, as_of, start, events, amount, first_at, last_at,
    intDiv(start, 86400000) * 86400000 AS day, intDiv(as_of, 3600000) * 3600000 AS hour_now, intDiv(as_of, 86400000) * 86400000 AS day_now,
    type IN ('app_install', 'app_open', 'session_start', 'login', 'page_view', 'search', 'add_to_cart', 'order', 'payment', 'recharge', 'deposit', 'withdrawal', 'booking', 'campaign_redeemed') AS of_0,
    type IN ('order') AS of_1,
    type IN ('campaign_redeemed') AS of_2,
    type IN ('payment_failed') AS of_3,
    type IN ('complaint_opened') AS of_4,
    type IN ('complaint_closed') AS of_5,
    type IN ('refund') AS of_6,
    type IN ('order', 'refund') AS of_7,
    type IN ('waited') AS of_8,
    type IN ('csat_answered') AS of_9,
    type IN ('reward_owed') AS of_10,
    type IN ('reward_credited') AS of_11,
    of_1 AND start > hour_now - 2419200000 AS when_0,
    of_1 AND day > day_now - 9676800000 AND NOT (start > hour_now - 2419200000) AS when_1,
    of_1 AND day > day_now - 9676800000 AS when_2,
    of_2 AND day > day_now - 7257600000 AS when_3,
    of_3 AND start > hour_now - 86400000 AS when_4,
    of_1 AND day > day_now - 5184000000 AS when_5,
    of_6 AND day > day_now - 5184000000 AS when_6,
    of_6 AND day > day_now - 20736000000 AND NOT (day > day_now - 5184000000) AS when_7,
    of_7 AND day > day_now - 20736000000 AND NOT (day > day_now - 5184000000) AS when_8,
    of_7 AND day > day_now - 20736000000 AS when_9,
    of_7 AND day > day_now - 5184000000 AS when_10,
    of_8 AND start > hour_now - 2419200000 AS when_11,
    of_9 AND day > day_now - 7776000000 AS when_12
  FROM (
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, bucket AS start, events, amount, first_at, last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.activity_day_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND type NOT IN ('complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE start < intDiv((as_of - 3024000000), 86400000) * 86400000
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, bucket AS start, events, amount, first_at, last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.activity_hour_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND bucket >= {oldestHour:Int64} AND type NOT IN ('complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE start >= intDiv((as_of - 3024000000), 86400000) * 86400000 AND start < intDiv(as_of, 3600000) * 3600000
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, intDiv(occurred_at, 3600000) * 3600000 AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount, occurred_at AS first_at, occurred_at AS last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND occurred_at >= {oldestEvent:Int64} AND type NOT IN ('complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE first_at >= intDiv(as_of, 3600000) * 3600000 AND first_at <= as_of
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, intDiv(occurred_at, 3600000) * 3600000 AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount, occurred_at AS first_at, occurred_at AS last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND type IN ('complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE first_at <= as_of
  )
),
read AS (
  SELECT customer, as_of,
    maxOrNullIf(last_at, of_0) AS silent_days__last,
    minOrNullIf(first_at, of_0) AS tenure_days__first,
    minOrNullIf(first_at, of_1) AS usual_gap_days__first,
    maxOrNullIf(last_at, of_1) AS usual_gap_days__last,
    uniqExactIf(day, of_1) AS usual_gap_days__days,
    sumIf(events, when_0) AS visits_28d__raw,
    minOrNullIf(start + 2419200000, when_0) AS visits_28d__leaves,
    sumIf(events, when_1) AS visits_prior_84d__raw,
    minOrNullIf(day + 9676800000, when_2) AS visits_prior_84d__leaves,
    minOrNullIf(start + 2419200000, when_0) AS visits_prior_84d__enters,
    sumIf(amount, when_0) AS spend_28d__raw,
    minOrNullIf(start + 2419200000, when_0) AS spend_28d__leaves,
    sumIf(amount, when_1) AS spend_prior_84d__raw,
    minOrNullIf(day + 9676800000, when_2) AS spend_prior_84d__leaves,
    minOrNullIf(start + 2419200000, when_0) AS spend_prior_84d__enters,
    sumIf(events, when_3) AS redemptions_84d__raw,
    minOrNullIf(day + 7257600000, when_3) AS redemptions_84d__leaves,
    sumIf(events, when_4) AS payment_failures_24h__raw,
    minOrNullIf(start + 86400000, when_4) AS payment_failures_24h__leaves,
    groupArrayIf(first_at, of_4) AS complaint_open_days__opened,
    maxIf(last_at, of_5) AS complaint_open_days__closed,
    arrayMin(arrayFilter(at -> at > complaint_open_days__closed, arrayPushBack(complaint_open_days__opened, 9000000000000000))) AS complaint_open_days__since,
    sumIf(events, when_5) AS visits_60d__raw,
    minOrNullIf(day + 5184000000, when_5) AS visits_60d__leaves,
    sumIf(events, when_6) AS refunds_60d__raw,
    minOrNullIf(day + 5184000000, when_6) AS refunds_60d__leaves,
    sumIf(events, when_7) AS returned_share_prior_180d__part,
    sumIf(events, when_8) AS returned_share_prior_180d__whole,
    minOrNullIf(day + 20736000000, when_9) AS returned_share_prior_180d__leaves,
    minOrNullIf(day + 5184000000, when_10) AS returned_share_prior_180d__enters,
    sumIf(events, when_11) AS waits_28d__raw,
    minOrNullIf(start + 2419200000, when_11) AS waits_28d__leaves,
    sumIf(amount, when_11) / nullIf(sumIf(events, when_11), 0) AS mean_wait_28d__raw,
    minOrNullIf(start + 2419200000, when_11) AS mean_wait_28d__leaves,
    sumIf(events, when_12) AS csat_answers_90d__raw,
    minOrNullIf(day + 7776000000, when_12) AS csat_answers_90d__leaves,
    sumIf(amount, when_12) / nullIf(sumIf(events, when_12), 0) AS csat_90d__raw,
    minOrNullIf(day + 7776000000, when_12) AS csat_90d__leaves,
    groupArrayIf(first_at, of_10) AS reward_owed_days__opened,
    maxIf(last_at, of_11) AS reward_owed_days__closed,
    arrayMin(arrayFilter(at -> at > reward_owed_days__closed, arrayPushBack(reward_owed_days__opened, 9000000000000000))) AS reward_owed_days__since,
    minIf(first_at, of_1) AS stage__first,
    maxIf(last_at, of_1) AS stage__last,
    uniqExactIf(day, of_1) AS stage__days,
    maxIf(last_at, of_1 AND last_at <= (as_of - 2592000000)) AS stage__last_before,
    uniqExactIf(day, of_1 AND last_at <= (as_of - 2592000000)) AS stage__days_before,
    minIf(first_at, of_1 AND last_at > (as_of - 2592000000)) AS stage__came
  FROM pieces
  GROUP BY customer, as_of
),
signals AS (
  SELECT *,
    (as_of - silent_days__last) / 86400000 AS silent_days__value,
    (as_of - tenure_days__first) / 86400000 AS tenure_days__value,
    if(usual_gap_days__days < 5, NULL, (((usual_gap_days__last - usual_gap_days__first) / 86400000 + 3 * 14) / (usual_gap_days__days + 2))) AS usual_gap_days__value,
    toNullable(toFloat64(visits_28d__raw)) AS visits_28d__value,
    toNullable(toFloat64(visits_prior_84d__raw)) AS visits_prior_84d__value,
    toNullable(toFloat64(spend_28d__raw)) AS spend_28d__value,
    toNullable(toFloat64(spend_prior_84d__raw)) AS spend_prior_84d__value,
    toNullable(toFloat64(redemptions_84d__raw)) AS redemptions_84d__value,
    toNullable(toFloat64(payment_failures_24h__raw)) AS payment_failures_24h__value,
    toNullable(if(complaint_open_days__since = 9000000000000000, 0, (as_of - complaint_open_days__since) / 86400000)) AS complaint_open_days__value,
    toNullable(toFloat64(visits_60d__raw)) AS visits_60d__value,
    toNullable(toFloat64(refunds_60d__raw)) AS refunds_60d__value,
    returned_share_prior_180d__part / nullIf(returned_share_prior_180d__whole, 0) AS returned_share_prior_180d__value,
    toNullable(toFloat64(waits_28d__raw)) AS waits_28d__value,
    toNullable(toFloat64(mean_wait_28d__raw)) AS mean_wait_28d__value,
    toNullable(toFloat64(csat_answers_90d__raw)) AS csat_answers_90d__value,
    toNullable(toFloat64(csat_90d__raw)) AS csat_90d__value,
    toNullable(if(reward_owed_days__since = 9000000000000000, 0, (as_of - reward_owed_days__since) / 86400000)) AS reward_owed_days__value,
    ((stage__last - stage__first + 3628800000) / (stage__days + 2)) AS stage__gap,
    stage__last + greatest(1814400000, toInt64(ceil(2 * stage__gap))) AS stage__slips,
    stage__last + greatest(3888000000, toInt64(ceil(4 * stage__gap))) AS stage__sleeps,
    stage__last + greatest(7776000000, toInt64(ceil(6 * stage__gap))) AS stage__churns,
    stage__days_before > 0 AND stage__came > (as_of - 2592000000) AND stage__came - stage__last_before > greatest(7776000000, toInt64(ceil(6 * ((stage__last_before - stage__first + 3628800000) / (stage__days_before + 2))))) AS stage__is_back
  FROM read
),
timed AS (
  SELECT *,
    -(tenure_days__value - toFloat64(60)) / nullIf((1 / 86400000 - 0), 0) AS wait_0,
    -(silent_days__value - (toFloat64(4) * usual_gap_days__value)) / nullIf((1 / 86400000 - 0), 0) AS wait_1,
    -(silent_days__value - toFloat64(28)) / nullIf((1 / 86400000 - 0), 0) AS wait_2,
    -(silent_days__value - (toFloat64(1.5) * usual_gap_days__value)) / nullIf((1 / 86400000 - 0), 0) AS wait_3,
    -(tenure_days__value - toFloat64(112)) / nullIf((1 / 86400000 - 0), 0) AS wait_4,
    -(complaint_open_days__value - toFloat64(3)) / nullIf((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_5,
    -(complaint_open_days__value - toFloat64(0)) / nullIf((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_6,
    -(reward_owed_days__value - toFloat64(7)) / nullIf((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_7,
    -(reward_owed_days__value - toFloat64(0)) / nullIf((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_8
  FROM signals
)
SELECT customer, as_of,
  [multiIf(NOT ifNull(((tenure_days__value >= toFloat64(60)) AND (usual_gap_days__value > toFloat64(0))), 0), 0, ifNull(((silent_days__value > (toFloat64(4) * usual_gap_days__value)) AND (silent_days__value > toFloat64(28))), 0), 3, ifNull((silent_days__value < (toFloat64(1.5) * usual_gap_days__value)), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(112)) AND (visits_prior_84d__value >= toFloat64(9))), 0), 0, ifNull((visits_28d__value < (toFloat64(0.1) * visits_prior_84d__value)), 0), 3, ifNull((visits_28d__value >= (toFloat64(0.2) * visits_prior_84d__value)), 0), 1, 2),
    multiIf(NOT ifNull((((tenure_days__value >= toFloat64(112)) AND (visits_prior_84d__value >= toFloat64(9))) AND (spend_prior_84d__value >= toFloat64(30))), 0), 0, ifNull((spend_28d__value < (toFloat64(0.05) * spend_prior_84d__value)), 0), 3, ifNull((spend_28d__value >= (toFloat64(0.15) * spend_prior_84d__value)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((payment_failures_24h__value >= toFloat64(3)), 0), 3, ifNull((payment_failures_24h__value < toFloat64(1)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((complaint_open_days__value > toFloat64(3)), 0), 3, ifNull((complaint_open_days__value <= toFloat64(0)), 0), 1, 2),
    multiIf(NOT ifNull((tenure_days__value >= toFloat64(112)), 0), 0, ifNull((((refunds_60d__value >= toFloat64(3)) AND (refunds_60d__value >= (toFloat64(0.5) * visits_60d__value))) AND (returned_share_prior_180d__value < toFloat64(0.2))), 0), 3, ifNull((refunds_60d__value < toFloat64(2)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull(((waits_28d__value >= toFloat64(3)) AND (mean_wait_28d__value > toFloat64(15))), 0), 3, ifNull(((waits_28d__value < toFloat64(1)) OR (mean_wait_28d__value < toFloat64(8))), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull(((csat_answers_90d__value >= toFloat64(2)) AND (csat_90d__value <= toFloat64(2.5))), 0), 3, ifNull(((csat_answers_90d__value < toFloat64(1)) OR (csat_90d__value >= toFloat64(3.5))), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((reward_owed_days__value > toFloat64(7)), 0), 3, ifNull((reward_owed_days__value <= toFloat64(0)), 0), 1, 2)] AS verdicts,
  [silent_days__value, tenure_days__value, usual_gap_days__value, visits_28d__value, visits_prior_84d__value, spend_28d__value, spend_prior_84d__value, redemptions_84d__value, payment_failures_24h__value, complaint_open_days__value, visits_60d__value, refunds_60d__value, returned_share_prior_180d__value, waits_28d__value, mean_wait_28d__value, csat_answers_90d__value, csat_90d__value, reward_owed_days__value] AS values,
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [visits_prior_84d__leaves,
    visits_prior_84d__enters,
    visits_28d__leaves,
    spend_prior_84d__leaves,
    spend_prior_84d__enters,
    spend_28d__leaves,
    payment_failures_24h__leaves,
    refunds_60d__leaves,
    visits_60d__leaves,
    returned_share_prior_180d__leaves,
    returned_share_prior_180d__enters,
    waits_28d__leaves,
    mean_wait_28d__leaves,
    csat_answers_90d__leaves,
    csat_90d__leaves,
    if((1 / 86400000 - 0) > 0, if(wait_0 > 0, as_of + toInt64(least(greatest(1, ceil(wait_0 - 1e-3)), 1e14)), NULL), if(wait_0 >= 0, as_of + toInt64(least(greatest(1, floor(wait_0 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_1 >= 0, as_of + toInt64(least(greatest(1, floor(wait_1 - 1e-3) + 1), 1e14)), NULL), if(wait_1 > 0, as_of + toInt64(least(greatest(1, ceil(wait_1 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_2 >= 0, as_of + toInt64(least(greatest(1, floor(wait_2 - 1e-3) + 1), 1e14)), NULL), if(wait_2 > 0, as_of + toInt64(least(greatest(1, ceil(wait_2 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_3 > 0, as_of + toInt64(least(greatest(1, ceil(wait_3 - 1e-3)), 1e14)), NULL), if(wait_3 >= 0, as_of + toInt64(least(greatest(1, floor(wait_3 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_4 > 0, as_of + toInt64(least(greatest(1, ceil(wait_4 - 1e-3)), 1e14)), NULL), if(wait_4 >= 0, as_of + toInt64(least(greatest(1, floor(wait_4 - 1e-3) + 1), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_5 >= 0, as_of + toInt64(least(greatest(1, floor(wait_5 - 1e-3) + 1), 1e14)), NULL), if(wait_5 > 0, as_of + toInt64(least(greatest(1, ceil(wait_5 - 1e-3)), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_6 >= 0, as_of + toInt64(least(greatest(1, floor(wait_6 - 1e-3) + 1), 1e14)), NULL), if(wait_6 > 0, as_of + toInt64(least(greatest(1, ceil(wait_6 - 1e-3)), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_7 >= 0, as_of + toInt64(least(greatest(1, floor(wait_7 - 1e-3) + 1), 1e14)), NULL), if(wait_7 > 0, as_of + toInt64(least(greatest(1, ceil(wait_7 - 1e-3)), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_8 >= 0, as_of + toInt64(least(greatest(1, floor(wait_8 - 1e-3) + 1), 1e14)), NULL), if(wait_8 > 0, as_of + toInt64(least(greatest(1, ceil(wait_8 - 1e-3)), 1e14)), NULL)),
    9000000000000000])) AS next_change,
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [visits_prior_84d__enters,
    visits_28d__leaves,
    spend_prior_84d__leaves,
    spend_prior_84d__enters,
    spend_28d__leaves,
    visits_60d__leaves,
    returned_share_prior_180d__leaves,
    returned_share_prior_180d__enters,
    mean_wait_28d__leaves,
    csat_90d__leaves,
    if((1 / 86400000 - 0) > 0, if(wait_0 > 0, as_of + toInt64(least(greatest(1, ceil(wait_0 - 1e-3)), 1e14)), NULL), if(wait_0 >= 0, as_of + toInt64(least(greatest(1, floor(wait_0 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_1 >= 0, as_of + toInt64(least(greatest(1, floor(wait_1 - 1e-3) + 1), 1e14)), NULL), if(wait_1 > 0, as_of + toInt64(least(greatest(1, ceil(wait_1 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_2 >= 0, as_of + toInt64(least(greatest(1, floor(wait_2 - 1e-3) + 1), 1e14)), NULL), if(wait_2 > 0, as_of + toInt64(least(greatest(1, ceil(wait_2 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_4 > 0, as_of + toInt64(least(greatest(1, ceil(wait_4 - 1e-3)), 1e14)), NULL), if(wait_4 >= 0, as_of + toInt64(least(greatest(1, floor(wait_4 - 1e-3) + 1), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_5 >= 0, as_of + toInt64(least(greatest(1, floor(wait_5 - 1e-3) + 1), 1e14)), NULL), if(wait_5 > 0, as_of + toInt64(least(greatest(1, ceil(wait_5 - 1e-3)), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_7 >= 0, as_of + toInt64(least(greatest(1, floor(wait_7 - 1e-3) + 1), 1e14)), NULL), if(wait_7 > 0, as_of + toInt64(least(greatest(1, ceil(wait_7 - 1e-3)), 1e14)), NULL)),
    9000000000000000])) AS next_breach,
  multiIf(stage__days = 0, 0, as_of >= stage__churns, 5, as_of >= stage__sleeps, 4, as_of >= stage__slips, 3, stage__first > (as_of - 2592000000), 1, stage__is_back, 6, 2) AS stage,
  multiIf(stage__days = 0 OR as_of >= stage__churns, 9000000000000000, as_of >= stage__sleeps, stage__churns, as_of >= stage__slips, stage__sleeps, stage__first > (as_of - 2592000000), least(stage__slips, stage__first + 2592000000), stage__is_back, least(stage__slips, stage__came + 2592000000), stage__slips) AS next_stage,
  if(stage__days = 0, NULL, stage__gap / 86400000) AS usual_gap_days
FROM timed
