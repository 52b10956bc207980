-- Signals and verdicts of the pack "telecom" for a set of customers, each as of instants of their own.
WITH
pieces AS (
  SELECT customer, as_of, start, events, amount, first_at, last_at,
    intDiv(start, 86400000) * 86400000 AS day, intDiv(as_of, 3600000) * 3600000 AS hour_now, intDiv(as_of, 86400000) * 86400000 AS day_now,
    type IN ('app_install', 'app_open', 'session_start', 'login', 'page_view', 'search', 'order', 'payment', 'recharge', 'deposit', 'withdrawal', 'booking', 'campaign_redeemed') AS of_0,
    type IN ('recharge', 'payment') AS of_1,
    type IN ('recharge') AS of_2,
    type IN ('app_open', 'session_start', 'login') AS of_3,
    type IN ('price_changed') AS of_4,
    type IN ('plan_changed') AS of_5,
    type IN ('payment_failed') AS of_6,
    type IN ('payment', 'recharge') AS of_7,
    type IN ('complaint_opened') AS of_8,
    type IN ('complaint_closed') AS of_9,
    type IN ('ticket_opened') AS of_10,
    type IN ('waited') AS of_11,
    type IN ('csat_answered') AS of_12,
    type IN ('reward_owed') AS of_13,
    type IN ('reward_credited') AS of_14,
    type IN ('crash', 'freeze', 'update_failed', 'login_failed') AS of_15
  FROM (
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, bucket AS start, events, amount, first_at, last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.activity_day_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND type NOT IN ('payment_failed', 'complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE start < intDiv((as_of - 3024000000), 86400000) * 86400000
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, bucket AS start, events, amount, first_at, last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.activity_hour_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND bucket >= {oldestHour:Int64} AND type NOT IN ('payment_failed', 'complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE start >= intDiv((as_of - 3024000000), 86400000) * 86400000 AND start < intDiv(as_of, 3600000) * 3600000
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, intDiv(occurred_at, 3600000) * 3600000 AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount, occurred_at AS first_at, occurred_at AS last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND occurred_at >= {oldestEvent:Int64} AND type NOT IN ('payment_failed', 'complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE first_at >= intDiv(as_of, 3600000) * 3600000 AND first_at <= as_of
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, intDiv(occurred_at, 3600000) * 3600000 AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount, occurred_at AS first_at, occurred_at AS last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND type IN ('payment_failed', 'complaint_opened', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE first_at <= as_of
  )
),
read AS (
  SELECT customer, as_of,
    maxOrNullIf(last_at, of_0) AS silent_days__last,
    minOrNullIf(first_at, of_0) AS tenure_days__first,
    minOrNullIf(first_at, of_0) AS usual_gap_days__first,
    maxOrNullIf(last_at, of_0) AS usual_gap_days__last,
    uniqExactIf(day, of_0) AS usual_gap_days__days,
    maxOrNullIf(last_at, of_1) AS unpaid_days__last,
    minOrNullIf(first_at, of_2) AS usual_recharge_gap_days__first,
    maxOrNullIf(last_at, of_2) AS usual_recharge_gap_days__last,
    uniqExactIf(day, of_2) AS usual_recharge_gap_days__days,
    sumIf(events, of_2 AND day > day_now - 5184000000) AS recharges_60d__raw,
    minOrNullIf(day + 5184000000, of_2 AND day > day_now - 5184000000) AS recharges_60d__leaves,
    sumIf(amount, of_2 AND day > day_now - 5184000000) AS recharged_60d__raw,
    minOrNullIf(day + 5184000000, of_2 AND day > day_now - 5184000000) AS recharged_60d__leaves,
    sumIf(events, of_2 AND day > day_now - 15552000000 AND NOT (day > day_now - 5184000000)) AS recharges_prior_120d__raw,
    minOrNullIf(day + 15552000000, of_2 AND day > day_now - 15552000000) AS recharges_prior_120d__leaves,
    minOrNullIf(day + 5184000000, of_2 AND day > day_now - 5184000000) AS recharges_prior_120d__enters,
    sumIf(amount, of_2 AND day > day_now - 15552000000 AND NOT (day > day_now - 5184000000)) AS recharged_prior_120d__raw,
    minOrNullIf(day + 15552000000, of_2 AND day > day_now - 15552000000) AS recharged_prior_120d__leaves,
    minOrNullIf(day + 5184000000, of_2 AND day > day_now - 5184000000) AS recharged_prior_120d__enters,
    uniqExactIf(day, of_3 AND start > hour_now - 2419200000) AS app_days_28d__raw,
    minOrNullIf(start + 2419200000, of_3 AND start > hour_now - 2419200000) AS app_days_28d__leaves,
    uniqExactIf(day, of_3 AND day > day_now - 7257600000 AND NOT (start > hour_now - 2419200000)) AS app_days_prior_56d__raw,
    minOrNullIf(day + 7257600000, of_3 AND day > day_now - 7257600000) AS app_days_prior_56d__leaves,
    minOrNullIf(start + 2419200000, of_3 AND start > hour_now - 2419200000) AS app_days_prior_56d__enters,
    maxOrNullIf(last_at, of_4) AS price_age_days__last,
    sumIf(events, of_5 AND day > day_now - 5184000000) AS plan_changes_60d__raw,
    minOrNullIf(day + 5184000000, of_5 AND day > day_now - 5184000000) AS plan_changes_60d__leaves,
    groupArrayIf(first_at, of_6) AS payment_failing_days__opened,
    maxIf(last_at, of_7) AS payment_failing_days__closed,
    arrayMin(arrayFilter(at -> at > payment_failing_days__closed, arrayPushBack(payment_failing_days__opened, 9000000000000000))) AS payment_failing_days__since,
    sumIf(events, of_6 AND start > hour_now - 3024000000) AS payment_failures_35d__raw,
    minOrNullIf(start + 3024000000, of_6 AND start > hour_now - 3024000000) AS payment_failures_35d__leaves,
    groupArrayIf(first_at, of_8) AS complaint_open_days__opened,
    maxIf(last_at, of_9) AS complaint_open_days__closed,
    arrayMin(arrayFilter(at -> at > complaint_open_days__closed, arrayPushBack(complaint_open_days__opened, 9000000000000000))) AS complaint_open_days__since,
    sumIf(events, of_10 AND start > hour_now - 2419200000) AS tickets_28d__raw,
    minOrNullIf(start + 2419200000, of_10 AND start > hour_now - 2419200000) AS tickets_28d__leaves,
    sumIf(events, of_11 AND start > hour_now - 2419200000) AS waits_28d__raw,
    minOrNullIf(start + 2419200000, of_11 AND start > hour_now - 2419200000) AS waits_28d__leaves,
    sumIf(amount, of_11 AND start > hour_now - 2419200000) / nullIf(sumIf(events, of_11 AND start > hour_now - 2419200000), 0) AS mean_wait_28d__raw,
    minOrNullIf(start + 2419200000, of_11 AND start > hour_now - 2419200000) AS mean_wait_28d__leaves,
    sumIf(events, of_12 AND day > day_now - 5184000000) AS csat_answers_60d__raw,
    minOrNullIf(day + 5184000000, of_12 AND day > day_now - 5184000000) AS csat_answers_60d__leaves,
    sumIf(amount, of_12 AND day > day_now - 5184000000) / nullIf(sumIf(events, of_12 AND day > day_now - 5184000000), 0) AS csat_60d__raw,
    minOrNullIf(day + 5184000000, of_12 AND day > day_now - 5184000000) AS csat_60d__leaves,
    sumIf(events, of_12 AND day > day_now - 20736000000 AND NOT (day > day_now - 5184000000)) AS csat_answers_prior_180d__raw,
    minOrNullIf(day + 20736000000, of_12 AND day > day_now - 20736000000) AS csat_answers_prior_180d__leaves,
    minOrNullIf(day + 5184000000, of_12 AND day > day_now - 5184000000) AS csat_answers_prior_180d__enters,
    sumIf(amount, of_12 AND day > day_now - 20736000000 AND NOT (day > day_now - 5184000000)) / nullIf(sumIf(events, of_12 AND day > day_now - 20736000000 AND NOT (day > day_now - 5184000000)), 0) AS csat_prior_180d__raw,
    minOrNullIf(day + 20736000000, of_12 AND day > day_now - 20736000000) AS csat_prior_180d__leaves,
    minOrNullIf(day + 5184000000, of_12 AND day > day_now - 5184000000) AS csat_prior_180d__enters,
    groupArrayIf(first_at, of_13) AS reward_owed_days__opened,
    maxIf(last_at, of_14) AS reward_owed_days__closed,
    arrayMin(arrayFilter(at -> at > reward_owed_days__closed, arrayPushBack(reward_owed_days__opened, 9000000000000000))) AS reward_owed_days__since,
    sumIf(events, of_15 AND start > hour_now - 259200000) AS app_faults_72h__raw,
    minOrNullIf(start + 259200000, of_15 AND start > hour_now - 259200000) AS app_faults_72h__leaves
  FROM pieces
  GROUP BY customer, as_of
),
signals AS (
  SELECT *,
    (as_of - silent_days__last) / 86400000 AS silent_days__value,
    (as_of - tenure_days__first) / 86400000 AS tenure_days__value,
    if(usual_gap_days__days < 5, NULL, (((usual_gap_days__last - usual_gap_days__first) / 86400000 + 3 * 14) / (usual_gap_days__days + 2))) AS usual_gap_days__value,
    (as_of - unpaid_days__last) / 86400000 AS unpaid_days__value,
    if(usual_recharge_gap_days__days < 4, NULL, (((usual_recharge_gap_days__last - usual_recharge_gap_days__first) / 86400000 + 3 * 30) / (usual_recharge_gap_days__days + 2))) AS usual_recharge_gap_days__value,
    toNullable(toFloat64(recharges_60d__raw)) AS recharges_60d__value,
    toNullable(toFloat64(recharged_60d__raw)) AS recharged_60d__value,
    toNullable(toFloat64(recharges_prior_120d__raw)) AS recharges_prior_120d__value,
    toNullable(toFloat64(recharged_prior_120d__raw)) AS recharged_prior_120d__value,
    toNullable(toFloat64(app_days_28d__raw)) AS app_days_28d__value,
    toNullable(toFloat64(app_days_prior_56d__raw)) AS app_days_prior_56d__value,
    (as_of - price_age_days__last) / 86400000 AS price_age_days__value,
    toNullable(toFloat64(plan_changes_60d__raw)) AS plan_changes_60d__value,
    toNullable(if(payment_failing_days__since = 9000000000000000, 0, (as_of - payment_failing_days__since) / 86400000)) AS payment_failing_days__value,
    toNullable(toFloat64(payment_failures_35d__raw)) AS payment_failures_35d__value,
    toNullable(if(complaint_open_days__since = 9000000000000000, 0, (as_of - complaint_open_days__since) / 86400000)) AS complaint_open_days__value,
    toNullable(toFloat64(tickets_28d__raw)) AS tickets_28d__value,
    toNullable(toFloat64(waits_28d__raw)) AS waits_28d__value,
    toNullable(toFloat64(mean_wait_28d__raw)) AS mean_wait_28d__value,
    toNullable(toFloat64(csat_answers_60d__raw)) AS csat_answers_60d__value,
    toNullable(toFloat64(csat_60d__raw)) AS csat_60d__value,
    toNullable(toFloat64(csat_answers_prior_180d__raw)) AS csat_answers_prior_180d__value,
    toNullable(toFloat64(csat_prior_180d__raw)) AS csat_prior_180d__value,
    toNullable(if(reward_owed_days__since = 9000000000000000, 0, (as_of - reward_owed_days__since) / 86400000)) AS reward_owed_days__value,
    toNullable(toFloat64(app_faults_72h__raw)) AS app_faults_72h__value
  FROM read
),
timed AS (
  SELECT *,
    -(tenure_days__value - toFloat64(60)) / nullIf((1 / 86400000 - 0), 0) AS wait_0,
    -(unpaid_days__value - (toFloat64(2) * usual_recharge_gap_days__value)) / nullIf((1 / 86400000 - 0), 0) AS wait_1,
    -(unpaid_days__value - toFloat64(21)) / nullIf((1 / 86400000 - 0), 0) AS wait_2,
    -(unpaid_days__value - usual_recharge_gap_days__value) / nullIf((1 / 86400000 - 0), 0) AS wait_3,
    -(tenure_days__value - toFloat64(210)) / nullIf((1 / 86400000 - 0), 0) AS wait_4,
    -(tenure_days__value - toFloat64(112)) / nullIf((1 / 86400000 - 0), 0) AS wait_5,
    -(price_age_days__value - toFloat64(60)) / nullIf((1 / 86400000 - 0), 0) AS wait_6,
    -(silent_days__value - (toFloat64(2.5) * usual_gap_days__value)) / nullIf((1 / 86400000 - 0), 0) AS wait_7,
    -(silent_days__value - toFloat64(14)) / nullIf((1 / 86400000 - 0), 0) AS wait_8,
    -(silent_days__value - (price_age_days__value + (toFloat64(1.5) * usual_gap_days__value))) / nullIf((1 / 86400000 - (1 / 86400000 + 0)), 0) AS wait_9,
    -(silent_days__value - usual_gap_days__value) / nullIf((1 / 86400000 - 0), 0) AS wait_10,
    -(silent_days__value - (toFloat64(2) * usual_gap_days__value)) / nullIf((1 / 86400000 - 0), 0) AS wait_11,
    -(silent_days__value - toFloat64(10)) / nullIf((1 / 86400000 - 0), 0) AS wait_12,
    -(payment_failing_days__value - toFloat64(2)) / nullIf((if(payment_failing_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_13,
    -(payment_failing_days__value - toFloat64(0)) / nullIf((if(payment_failing_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_14,
    -(complaint_open_days__value - toFloat64(3)) / nullIf((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_15,
    -(complaint_open_days__value - toFloat64(0)) / nullIf((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_16,
    -(tenure_days__value - toFloat64(35)) / nullIf((1 / 86400000 - 0), 0) AS wait_17,
    -(reward_owed_days__value - toFloat64(3)) / nullIf((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_18,
    -(reward_owed_days__value - toFloat64(0)) / nullIf((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_19
  FROM signals
)
SELECT customer, as_of,
  [multiIf(NOT ifNull(((tenure_days__value >= toFloat64(60)) AND (usual_recharge_gap_days__value > toFloat64(0))), 0), 0, ifNull(((unpaid_days__value > (toFloat64(2) * usual_recharge_gap_days__value)) AND (unpaid_days__value > toFloat64(21))), 0), 3, ifNull((unpaid_days__value < usual_recharge_gap_days__value), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(210)) AND (recharges_prior_120d__value >= toFloat64(3))), 0), 0, ifNull(((recharges_60d__value >= toFloat64(1)) AND (recharged_60d__value < (toFloat64(0.2) * recharged_prior_120d__value))), 0), 3, ifNull((recharged_60d__value >= (toFloat64(0.35) * recharged_prior_120d__value)), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(112)) AND (app_days_prior_56d__value >= toFloat64(8))), 0), 0, ifNull((app_days_28d__value < (toFloat64(0.1) * app_days_prior_56d__value)), 0), 3, ifNull((app_days_28d__value >= (toFloat64(0.25) * app_days_prior_56d__value)), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(60)) AND (usual_gap_days__value > toFloat64(0))), 0), 0, ifNull(((((price_age_days__value < toFloat64(60)) AND (silent_days__value > (toFloat64(2.5) * usual_gap_days__value))) AND (silent_days__value > toFloat64(14))) AND (silent_days__value < (price_age_days__value + (toFloat64(1.5) * usual_gap_days__value)))), 0), 3, ifNull((silent_days__value < usual_gap_days__value), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(60)) AND (usual_gap_days__value > toFloat64(0))), 0), 0, ifNull((((plan_changes_60d__value >= toFloat64(2)) AND (silent_days__value > (toFloat64(2) * usual_gap_days__value))) AND (silent_days__value > toFloat64(10))), 0), 3, ifNull((silent_days__value < usual_gap_days__value), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull(((payment_failing_days__value > toFloat64(2)) AND (payment_failures_35d__value >= toFloat64(2))), 0), 3, ifNull((payment_failing_days__value <= toFloat64(0)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((complaint_open_days__value > toFloat64(3)), 0), 3, ifNull((complaint_open_days__value <= toFloat64(0)), 0), 1, 2),
    multiIf(NOT ifNull((tenure_days__value >= toFloat64(35)), 0), 0, ifNull((tickets_28d__value >= toFloat64(3)), 0), 3, ifNull((tickets_28d__value < toFloat64(2)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull(((waits_28d__value >= toFloat64(3)) AND (mean_wait_28d__value > toFloat64(15))), 0), 3, ifNull(((waits_28d__value < toFloat64(1)) OR (mean_wait_28d__value < toFloat64(8))), 0), 1, 2),
    multiIf(NOT ifNull((csat_answers_prior_180d__value >= toFloat64(2)), 0), 0, ifNull(((csat_answers_60d__value >= toFloat64(2)) AND (csat_60d__value < (toFloat64(0.65) * csat_prior_180d__value))), 0), 3, ifNull(((csat_answers_60d__value < toFloat64(1)) OR (csat_60d__value >= (toFloat64(0.85) * csat_prior_180d__value))), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((reward_owed_days__value > toFloat64(3)), 0), 3, ifNull((reward_owed_days__value <= toFloat64(0)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((app_faults_72h__value >= toFloat64(5)), 0), 3, ifNull((app_faults_72h__value < toFloat64(1)), 0), 1, 2)] AS verdicts,
  [silent_days__value, tenure_days__value, usual_gap_days__value, unpaid_days__value, usual_recharge_gap_days__value, recharges_60d__value, recharged_60d__value, recharges_prior_120d__value, recharged_prior_120d__value, app_days_28d__value, app_days_prior_56d__value, price_age_days__value, plan_changes_60d__value, payment_failing_days__value, payment_failures_35d__value, complaint_open_days__value, tickets_28d__value, waits_28d__value, mean_wait_28d__value, csat_answers_60d__value, csat_60d__value, csat_answers_prior_180d__value, csat_prior_180d__value, reward_owed_days__value, app_faults_72h__value] AS values,
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [recharges_prior_120d__leaves,
    recharges_prior_120d__enters,
    recharges_60d__leaves,
    recharged_60d__leaves,
    recharged_prior_120d__leaves,
    recharged_prior_120d__enters,
    app_days_prior_56d__leaves,
    app_days_prior_56d__enters,
    app_days_28d__leaves,
    plan_changes_60d__leaves,
    payment_failures_35d__leaves,
    tickets_28d__leaves,
    waits_28d__leaves,
    mean_wait_28d__leaves,
    csat_answers_prior_180d__leaves,
    csat_answers_prior_180d__enters,
    csat_answers_60d__leaves,
    csat_60d__leaves,
    csat_prior_180d__leaves,
    csat_prior_180d__enters,
    app_faults_72h__leaves,
    if((1 / 86400000 - 0) > 0, if(wait_0 > 0, as_of + toInt64(least(greatest(1, ceil(wait_0 - 1e-3)), 1e14)), NULL), if(wait_0 >= 0, as_of + toInt64(least(greatest(1, floor(wait_0 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_1 >= 0, as_of + toInt64(least(greatest(1, floor(wait_1 - 1e-3) + 1), 1e14)), NULL), if(wait_1 > 0, as_of + toInt64(least(greatest(1, ceil(wait_1 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_2 >= 0, as_of + toInt64(least(greatest(1, floor(wait_2 - 1e-3) + 1), 1e14)), NULL), if(wait_2 > 0, as_of + toInt64(least(greatest(1, ceil(wait_2 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_3 > 0, as_of + toInt64(least(greatest(1, ceil(wait_3 - 1e-3)), 1e14)), NULL), if(wait_3 >= 0, as_of + toInt64(least(greatest(1, floor(wait_3 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_4 > 0, as_of + toInt64(least(greatest(1, ceil(wait_4 - 1e-3)), 1e14)), NULL), if(wait_4 >= 0, as_of + toInt64(least(greatest(1, floor(wait_4 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_5 > 0, as_of + toInt64(least(greatest(1, ceil(wait_5 - 1e-3)), 1e14)), NULL), if(wait_5 >= 0, as_of + toInt64(least(greatest(1, floor(wait_5 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_6 > 0, as_of + toInt64(least(greatest(1, ceil(wait_6 - 1e-3)), 1e14)), NULL), if(wait_6 >= 0, as_of + toInt64(least(greatest(1, floor(wait_6 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_7 >= 0, as_of + toInt64(least(greatest(1, floor(wait_7 - 1e-3) + 1), 1e14)), NULL), if(wait_7 > 0, as_of + toInt64(least(greatest(1, ceil(wait_7 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_8 >= 0, as_of + toInt64(least(greatest(1, floor(wait_8 - 1e-3) + 1), 1e14)), NULL), if(wait_8 > 0, as_of + toInt64(least(greatest(1, ceil(wait_8 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - (1 / 86400000 + 0)) > 0, if(wait_9 > 0, as_of + toInt64(least(greatest(1, ceil(wait_9 - 1e-3)), 1e14)), NULL), if(wait_9 >= 0, as_of + toInt64(least(greatest(1, floor(wait_9 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_10 > 0, as_of + toInt64(least(greatest(1, ceil(wait_10 - 1e-3)), 1e14)), NULL), if(wait_10 >= 0, as_of + toInt64(least(greatest(1, floor(wait_10 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_11 >= 0, as_of + toInt64(least(greatest(1, floor(wait_11 - 1e-3) + 1), 1e14)), NULL), if(wait_11 > 0, as_of + toInt64(least(greatest(1, ceil(wait_11 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_12 >= 0, as_of + toInt64(least(greatest(1, floor(wait_12 - 1e-3) + 1), 1e14)), NULL), if(wait_12 > 0, as_of + toInt64(least(greatest(1, ceil(wait_12 - 1e-3)), 1e14)), NULL)),
    if((if(payment_failing_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_13 >= 0, as_of + toInt64(least(greatest(1, floor(wait_13 - 1e-3) + 1), 1e14)), NULL), if(wait_13 > 0, as_of + toInt64(least(greatest(1, ceil(wait_13 - 1e-3)), 1e14)), NULL)),
    if((if(payment_failing_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_14 >= 0, as_of + toInt64(least(greatest(1, floor(wait_14 - 1e-3) + 1), 1e14)), NULL), if(wait_14 > 0, as_of + toInt64(least(greatest(1, ceil(wait_14 - 1e-3)), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_15 >= 0, as_of + toInt64(least(greatest(1, floor(wait_15 - 1e-3) + 1), 1e14)), NULL), if(wait_15 > 0, as_of + toInt64(least(greatest(1, ceil(wait_15 - 1e-3)), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_16 >= 0, as_of + toInt64(least(greatest(1, floor(wait_16 - 1e-3) + 1), 1e14)), NULL), if(wait_16 > 0, as_of + toInt64(least(greatest(1, ceil(wait_16 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_17 > 0, as_of + toInt64(least(greatest(1, ceil(wait_17 - 1e-3)), 1e14)), NULL), if(wait_17 >= 0, as_of + toInt64(least(greatest(1, floor(wait_17 - 1e-3) + 1), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_18 >= 0, as_of + toInt64(least(greatest(1, floor(wait_18 - 1e-3) + 1), 1e14)), NULL), if(wait_18 > 0, as_of + toInt64(least(greatest(1, ceil(wait_18 - 1e-3)), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_19 >= 0, as_of + toInt64(least(greatest(1, floor(wait_19 - 1e-3) + 1), 1e14)), NULL), if(wait_19 > 0, as_of + toInt64(least(greatest(1, ceil(wait_19 - 1e-3)), 1e14)), NULL)),
    9000000000000000])) AS next_change,
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [recharges_prior_120d__enters,
    recharged_60d__leaves,
    recharged_prior_120d__leaves,
    recharged_prior_120d__enters,
    app_days_prior_56d__enters,
    app_days_28d__leaves,
    mean_wait_28d__leaves,
    csat_answers_prior_180d__enters,
    csat_60d__leaves,
    csat_prior_180d__leaves,
    csat_prior_180d__enters,
    if((1 / 86400000 - 0) > 0, if(wait_0 > 0, as_of + toInt64(least(greatest(1, ceil(wait_0 - 1e-3)), 1e14)), NULL), if(wait_0 >= 0, as_of + toInt64(least(greatest(1, floor(wait_0 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_1 >= 0, as_of + toInt64(least(greatest(1, floor(wait_1 - 1e-3) + 1), 1e14)), NULL), if(wait_1 > 0, as_of + toInt64(least(greatest(1, ceil(wait_1 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_2 >= 0, as_of + toInt64(least(greatest(1, floor(wait_2 - 1e-3) + 1), 1e14)), NULL), if(wait_2 > 0, as_of + toInt64(least(greatest(1, ceil(wait_2 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_4 > 0, as_of + toInt64(least(greatest(1, ceil(wait_4 - 1e-3)), 1e14)), NULL), if(wait_4 >= 0, as_of + toInt64(least(greatest(1, floor(wait_4 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_5 > 0, as_of + toInt64(least(greatest(1, ceil(wait_5 - 1e-3)), 1e14)), NULL), if(wait_5 >= 0, as_of + toInt64(least(greatest(1, floor(wait_5 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_7 >= 0, as_of + toInt64(least(greatest(1, floor(wait_7 - 1e-3) + 1), 1e14)), NULL), if(wait_7 > 0, as_of + toInt64(least(greatest(1, ceil(wait_7 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_8 >= 0, as_of + toInt64(least(greatest(1, floor(wait_8 - 1e-3) + 1), 1e14)), NULL), if(wait_8 > 0, as_of + toInt64(least(greatest(1, ceil(wait_8 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - (1 / 86400000 + 0)) > 0, if(wait_9 > 0, as_of + toInt64(least(greatest(1, ceil(wait_9 - 1e-3)), 1e14)), NULL), if(wait_9 >= 0, as_of + toInt64(least(greatest(1, floor(wait_9 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_11 >= 0, as_of + toInt64(least(greatest(1, floor(wait_11 - 1e-3) + 1), 1e14)), NULL), if(wait_11 > 0, as_of + toInt64(least(greatest(1, ceil(wait_11 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_12 >= 0, as_of + toInt64(least(greatest(1, floor(wait_12 - 1e-3) + 1), 1e14)), NULL), if(wait_12 > 0, as_of + toInt64(least(greatest(1, ceil(wait_12 - 1e-3)), 1e14)), NULL)),
    if((if(payment_failing_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_13 >= 0, as_of + toInt64(least(greatest(1, floor(wait_13 - 1e-3) + 1), 1e14)), NULL), if(wait_13 > 0, as_of + toInt64(least(greatest(1, ceil(wait_13 - 1e-3)), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_15 >= 0, as_of + toInt64(least(greatest(1, floor(wait_15 - 1e-3) + 1), 1e14)), NULL), if(wait_15 > 0, as_of + toInt64(least(greatest(1, ceil(wait_15 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_17 > 0, as_of + toInt64(least(greatest(1, ceil(wait_17 - 1e-3)), 1e14)), NULL), if(wait_17 >= 0, as_of + toInt64(least(greatest(1, floor(wait_17 - 1e-3) + 1), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_18 >= 0, as_of + toInt64(least(greatest(1, floor(wait_18 - 1e-3) + 1), 1e14)), NULL), if(wait_18 > 0, as_of + toInt64(least(greatest(1, ceil(wait_18 - 1e-3)), 1e14)), NULL)),
    9000000000000000])) AS next_breach
FROM timed
