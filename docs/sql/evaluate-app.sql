-- Signals, verdicts and stages of the pack "app" for a set of customers, each as of instants of their own.
WITH
pieces AS (
  SELECT customer, as_of, start, events, amount, first_at, last_at,
    intDiv(start, 86400000) * 86400000 AS day, intDiv(as_of, 3600000) * 3600000 AS hour_now, intDiv(as_of, 86400000) * 86400000 AS day_now,
    type IN ('app_install', 'app_open', 'session_start', 'login', 'page_view', 'search', 'order', 'payment', 'recharge', 'deposit', 'withdrawal', 'booking', 'campaign_redeemed') AS of_0,
    type IN ('session_start') AS of_1,
    type IN ('order', 'payment', 'recharge') AS of_2,
    type IN ('crash') AS of_3,
    type IN ('login_failed') AS of_4,
    type IN ('complaint_opened') AS of_5,
    type IN ('complaint_closed') AS of_6,
    type IN ('update_failed') AS of_7,
    type IN ('app_remove') AS of_8,
    type IN ('app_install', 'app_open', 'session_start', 'login') AS of_9,
    type IN ('review_posted') AS of_10,
    type IN ('reward_owed') AS of_11,
    type IN ('reward_credited') AS of_12
  FROM (
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, bucket AS start, events, amount, first_at, last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.activity_day_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND type NOT IN ('complaint_opened', 'app_remove', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE start < intDiv((as_of - 3024000000), 86400000) * 86400000
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, bucket AS start, events, amount, first_at, last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.activity_hour_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND bucket >= {oldestHour:Int64} AND type NOT IN ('complaint_opened', 'app_remove', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE start >= intDiv((as_of - 3024000000), 86400000) * 86400000 AND start < intDiv(as_of, 3600000) * 3600000
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, intDiv(occurred_at, 3600000) * 3600000 AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount, occurred_at AS first_at, occurred_at AS last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND occurred_at >= {oldestEvent:Int64} AND type NOT IN ('complaint_opened', 'app_remove', 'reward_owed')
  ) ARRAY JOIN instants AS as_of
  WHERE first_at >= intDiv(as_of, 3600000) * 3600000 AND first_at <= as_of
  UNION ALL
  SELECT customer, type, start, events, amount, first_at, last_at, as_of
  FROM (
    SELECT customer, type, intDiv(occurred_at, 3600000) * 3600000 AS start, toUInt64(1) AS events, ifNull(amount, 0) AS amount, occurred_at AS first_at, occurred_at AS last_at, {instants:Array(Array(Int64))}[transform(customer, {customers:Array(String)}, {places:Array(UInt32)}, toUInt32(0))] AS instants
    FROM $db.event_v1
    WHERE tenant = {tenant:String} AND customer IN {customers:Array(String)} AND type IN ('complaint_opened', 'app_remove', 'reward_owed')
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
    groupUniqArrayIf(intDiv(day, 86400000), of_0) AS missed_days__active,
    length(missed_days__active) AS missed_days__days,
    arrayMin(missed_days__active) AS missed_days__first,
    arrayMax(missed_days__active) AS missed_days__last,
    arrayFilter(d -> NOT has([19357, 19358, 19359, 19378, 19379, 19380, 19381, 19382, 19383, 19384, 19385, 19386, 19452, 19470, 19476, 19477, 19478, 19479, 19480, 19483, 19530, 19531, 19532, 19533, 19629, 19630, 19631, 19632, 19633, 19634, 19635, 19636, 19637, 19638, 19723, 19757, 19763, 19764, 19765, 19766, 19767, 19768, 19769, 19770, 19771, 19817, 19818, 19819, 19820, 19841, 19844, 19845, 19846, 19847, 19848, 19854, 19882, 19883, 19884, 19980, 19981, 19982, 19983, 19995, 19997, 19998, 19999, 20000, 20001, 20002, 20003, 20008, 20089, 20114, 20116, 20117, 20118, 20119, 20120, 20121, 20122, 20123, 20127, 20182, 20183, 20184, 20205, 20209, 20210, 20211, 20212, 20213, 20239, 20240, 20241, 20359, 20362, 20363, 20364, 20365, 20366, 20367, 20368, 20369, 20372, 20454, 20455, 20456, 20457, 20498, 20499, 20500, 20501, 20502, 20503, 20504, 20505, 20506, 20507, 20512, 20547, 20548, 20549, 20574, 20575, 20576, 20577, 20578, 20582, 20623, 20624, 20625, 20716, 20721, 20722, 20723, 20727, 20728, 20729, 20730, 20731, 20732, 20733, 20736]::Array(Int64), d), missed_days__active) AS missed_days__ordinary,
    arrayMap(w -> arrayCount(d -> ((d + 3) % 7) = w, missed_days__ordinary), range(7)) AS missed_days__came,
    arrayMap(w -> greatest(0, intDiv(missed_days__last + 3 - w + 7, 7) - intDiv(missed_days__first - 1 + 3 - w + 7, 7)) - arrayCount(s -> s >= missed_days__first AND s <= missed_days__last AND ((s + 3) % 7) = w, [19357, 19358, 19359, 19378, 19379, 19380, 19381, 19382, 19383, 19384, 19385, 19386, 19452, 19470, 19476, 19477, 19478, 19479, 19480, 19483, 19530, 19531, 19532, 19533, 19629, 19630, 19631, 19632, 19633, 19634, 19635, 19636, 19637, 19638, 19723, 19757, 19763, 19764, 19765, 19766, 19767, 19768, 19769, 19770, 19771, 19817, 19818, 19819, 19820, 19841, 19844, 19845, 19846, 19847, 19848, 19854, 19882, 19883, 19884, 19980, 19981, 19982, 19983, 19995, 19997, 19998, 19999, 20000, 20001, 20002, 20003, 20008, 20089, 20114, 20116, 20117, 20118, 20119, 20120, 20121, 20122, 20123, 20127, 20182, 20183, 20184, 20205, 20209, 20210, 20211, 20212, 20213, 20239, 20240, 20241, 20359, 20362, 20363, 20364, 20365, 20366, 20367, 20368, 20369, 20372, 20454, 20455, 20456, 20457, 20498, 20499, 20500, 20501, 20502, 20503, 20504, 20505, 20506, 20507, 20512, 20547, 20548, 20549, 20574, 20575, 20576, 20577, 20578, 20582, 20623, 20624, 20625, 20716, 20721, 20722, 20723, 20727, 20728, 20729, 20730, 20731, 20732, 20733, 20736]::Array(Int64)), range(7)) AS missed_days__lived,
    arrayMap(w -> greatest(0, intDiv(intDiv(as_of, 86400000) - 1 + 3 - w + 7, 7) - intDiv(missed_days__last + 1 - 1 + 3 - w + 7, 7)) - arrayCount(s -> s >= missed_days__last + 1 AND s <= intDiv(as_of, 86400000) - 1 AND ((s + 3) % 7) = w, [19357, 19358, 19359, 19378, 19379, 19380, 19381, 19382, 19383, 19384, 19385, 19386, 19452, 19470, 19476, 19477, 19478, 19479, 19480, 19483, 19530, 19531, 19532, 19533, 19629, 19630, 19631, 19632, 19633, 19634, 19635, 19636, 19637, 19638, 19723, 19757, 19763, 19764, 19765, 19766, 19767, 19768, 19769, 19770, 19771, 19817, 19818, 19819, 19820, 19841, 19844, 19845, 19846, 19847, 19848, 19854, 19882, 19883, 19884, 19980, 19981, 19982, 19983, 19995, 19997, 19998, 19999, 20000, 20001, 20002, 20003, 20008, 20089, 20114, 20116, 20117, 20118, 20119, 20120, 20121, 20122, 20123, 20127, 20182, 20183, 20184, 20205, 20209, 20210, 20211, 20212, 20213, 20239, 20240, 20241, 20359, 20362, 20363, 20364, 20365, 20366, 20367, 20368, 20369, 20372, 20454, 20455, 20456, 20457, 20498, 20499, 20500, 20501, 20502, 20503, 20504, 20505, 20506, 20507, 20512, 20547, 20548, 20549, 20574, 20575, 20576, 20577, 20578, 20582, 20623, 20624, 20625, 20716, 20721, 20722, 20723, 20727, 20728, 20729, 20730, 20731, 20732, 20733, 20736]::Array(Int64)), range(7)) AS missed_days__passed,
    least(1, (arraySum(missed_days__came) + 2) / (arraySum(missed_days__lived) + 3 * 3)) AS missed_days__rate,
    arrayMap((came, lived) -> (came + 4 * missed_days__rate) / (lived + 4), missed_days__came, missed_days__lived) AS missed_days__profile,
    arraySum(arrayMap((p, n) -> p * n, missed_days__profile, missed_days__passed)) AS missed_days__expected,
    floor(missed_days__expected + 1e-9) AS missed_days__missed,
    missed_days__missed + 1 - missed_days__expected AS missed_days__lacks,
    greatest(0, ceil(missed_days__lacks / arraySum(missed_days__profile)) - 1) AS missed_days__weeks,
    missed_days__lacks - missed_days__weeks * arraySum(missed_days__profile) - 1e-9 AS missed_days__rest,
    arrayCumSum(arrayMap(i -> missed_days__profile[((intDiv(as_of, 86400000) + i + 3) % 7) + 1], range(7))) AS missed_days__ahead,
    arrayFirstIndex(sum -> sum >= missed_days__rest - 1e-9, arrayPushBack(missed_days__ahead, inf)) AS missed_days__in_days,
    sumIf(events, of_1 AND start > hour_now - 604800000) AS sessions_7d__raw,
    minOrNullIf(start + 604800000, of_1 AND start > hour_now - 604800000) AS sessions_7d__leaves,
    sumIf(events, of_1 AND start > hour_now - 3024000000 AND NOT (start > hour_now - 604800000)) AS sessions_prior_28d__raw,
    minOrNullIf(start + 3024000000, of_1 AND start > hour_now - 3024000000) AS sessions_prior_28d__leaves,
    minOrNullIf(start + 604800000, of_1 AND start > hour_now - 604800000) AS sessions_prior_28d__enters,
    uniqExactIf(day, of_0 AND start > hour_now - 2419200000) AS active_days_28d__raw,
    minOrNullIf(start + 2419200000, of_0 AND start > hour_now - 2419200000) AS active_days_28d__leaves,
    sumIf(amount, of_2 AND start > hour_now - 2419200000) AS spend_28d__raw,
    minOrNullIf(start + 2419200000, of_2 AND start > hour_now - 2419200000) AS spend_28d__leaves,
    sumIf(amount, of_2 AND day > day_now - 7257600000 AND NOT (start > hour_now - 2419200000)) AS spend_prior_56d__raw,
    minOrNullIf(day + 7257600000, of_2 AND day > day_now - 7257600000) AS spend_prior_56d__leaves,
    minOrNullIf(start + 2419200000, of_2 AND start > hour_now - 2419200000) AS spend_prior_56d__enters,
    sumIf(events, of_2 AND day > day_now - 7257600000 AND NOT (start > hour_now - 2419200000)) AS orders_prior_56d__raw,
    minOrNullIf(day + 7257600000, of_2 AND day > day_now - 7257600000) AS orders_prior_56d__leaves,
    minOrNullIf(start + 2419200000, of_2 AND start > hour_now - 2419200000) AS orders_prior_56d__enters,
    sumIf(events, of_3 AND start > hour_now - 86400000) AS crashes_24h__raw,
    minOrNullIf(start + 86400000, of_3 AND start > hour_now - 86400000) AS crashes_24h__leaves,
    sumIf(events, of_4 AND start > hour_now - 86400000) AS login_failures_24h__raw,
    minOrNullIf(start + 86400000, of_4 AND start > hour_now - 86400000) AS login_failures_24h__leaves,
    groupArrayIf(first_at, of_5) AS complaint_open_days__opened,
    maxIf(last_at, of_6) AS complaint_open_days__closed,
    arrayMin(arrayFilter(at -> at > complaint_open_days__closed, arrayPushBack(complaint_open_days__opened, 9000000000000000))) AS complaint_open_days__since,
    sumIf(events, of_7 AND start > hour_now - 604800000) AS update_failures_7d__raw,
    minOrNullIf(start + 604800000, of_7 AND start > hour_now - 604800000) AS update_failures_7d__leaves,
    groupArrayIf(first_at, of_8) AS app_removed_days__opened,
    maxIf(last_at, of_9) AS app_removed_days__closed,
    arrayMin(arrayFilter(at -> at > app_removed_days__closed, arrayPushBack(app_removed_days__opened, 9000000000000000))) AS app_removed_days__since,
    sumIf(events, of_10 AND day > day_now - 7776000000) AS reviews_90d__raw,
    minOrNullIf(day + 7776000000, of_10 AND day > day_now - 7776000000) AS reviews_90d__leaves,
    sumIf(amount, of_10 AND day > day_now - 7776000000) / nullIf(sumIf(events, of_10 AND day > day_now - 7776000000), 0) AS mean_stars_90d__raw,
    minOrNullIf(day + 7776000000, of_10 AND day > day_now - 7776000000) AS mean_stars_90d__leaves,
    groupArrayIf(first_at, of_11) AS reward_owed_days__opened,
    maxIf(last_at, of_12) AS reward_owed_days__closed,
    arrayMin(arrayFilter(at -> at > reward_owed_days__closed, arrayPushBack(reward_owed_days__opened, 9000000000000000))) AS reward_owed_days__since,
    minIf(first_at, of_0) AS stage__first,
    maxIf(last_at, of_0) AS stage__last,
    uniqExactIf(day, of_0) AS stage__days,
    maxIf(last_at, of_0 AND last_at <= (as_of - 1209600000)) AS stage__last_before,
    uniqExactIf(day, of_0 AND last_at <= (as_of - 1209600000)) AS stage__days_before,
    minIf(first_at, of_0 AND last_at > (as_of - 1209600000)) AS stage__came
  FROM pieces
  GROUP BY customer, as_of
),
signals AS (
  SELECT *,
    (as_of - silent_days__last) / 86400000 AS silent_days__value,
    (as_of - tenure_days__first) / 86400000 AS tenure_days__value,
    if(usual_gap_days__days < 5, NULL, (((usual_gap_days__last - usual_gap_days__first) / 86400000 + 3 * 3) / (usual_gap_days__days + 2))) AS usual_gap_days__value,
    if(missed_days__days < 5, NULL, toNullable(least(30, missed_days__missed))) AS missed_days__value,
    toNullable(toFloat64(sessions_7d__raw)) AS sessions_7d__value,
    toNullable(toFloat64(sessions_prior_28d__raw)) AS sessions_prior_28d__value,
    toNullable(toFloat64(active_days_28d__raw)) AS active_days_28d__value,
    toNullable(toFloat64(spend_28d__raw)) AS spend_28d__value,
    toNullable(toFloat64(spend_prior_56d__raw)) AS spend_prior_56d__value,
    toNullable(toFloat64(orders_prior_56d__raw)) AS orders_prior_56d__value,
    toNullable(toFloat64(crashes_24h__raw)) AS crashes_24h__value,
    toNullable(toFloat64(login_failures_24h__raw)) AS login_failures_24h__value,
    toNullable(if(complaint_open_days__since = 9000000000000000, 0, (as_of - complaint_open_days__since) / 86400000)) AS complaint_open_days__value,
    toNullable(toFloat64(update_failures_7d__raw)) AS update_failures_7d__value,
    toNullable(if(app_removed_days__since = 9000000000000000, 0, (as_of - app_removed_days__since) / 86400000)) AS app_removed_days__value,
    toNullable(toFloat64(reviews_90d__raw)) AS reviews_90d__value,
    toNullable(toFloat64(mean_stars_90d__raw)) AS mean_stars_90d__value,
    toNullable(if(reward_owed_days__since = 9000000000000000, 0, (as_of - reward_owed_days__since) / 86400000)) AS reward_owed_days__value,
    ((stage__last - stage__first + 777600000) / (stage__days + 2)) AS stage__gap,
    stage__last + greatest(604800000, toInt64(ceil(3 * stage__gap))) AS stage__slips,
    stage__last + greatest(1209600000, toInt64(ceil(6 * stage__gap))) AS stage__sleeps,
    stage__last + greatest(2592000000, toInt64(ceil(12 * stage__gap))) AS stage__churns,
    stage__days_before > 0 AND stage__came > (as_of - 1209600000) AND stage__came - stage__last_before > greatest(2592000000, toInt64(ceil(12 * ((stage__last_before - stage__first + 777600000) / (stage__days_before + 2))))) AS stage__is_back
  FROM read
),
timed AS (
  SELECT *,
    -(tenure_days__value - toFloat64(14)) / nullIf((1 / 86400000 - 0), 0) AS wait_0,
    -(silent_days__value - (toFloat64(3) * usual_gap_days__value)) / nullIf((1 / 86400000 - 0), 0) AS wait_1,
    -(silent_days__value - toFloat64(5)) / nullIf((1 / 86400000 - 0), 0) AS wait_2,
    -(silent_days__value - (toFloat64(1.5) * usual_gap_days__value)) / nullIf((1 / 86400000 - 0), 0) AS wait_3,
    -(tenure_days__value - toFloat64(35)) / nullIf((1 / 86400000 - 0), 0) AS wait_4,
    -(tenure_days__value - toFloat64(60)) / nullIf((1 / 86400000 - 0), 0) AS wait_5,
    -(complaint_open_days__value - toFloat64(3)) / nullIf((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_6,
    -(complaint_open_days__value - toFloat64(0)) / nullIf((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_7,
    -(app_removed_days__value - toFloat64(3)) / nullIf((if(app_removed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_8,
    -(app_removed_days__value - toFloat64(0)) / nullIf((if(app_removed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_9,
    -(reward_owed_days__value - toFloat64(3)) / nullIf((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_10,
    -(reward_owed_days__value - toFloat64(0)) / nullIf((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0), 0) AS wait_11
  FROM signals
)
SELECT customer, as_of,
  [multiIf(NOT ifNull(((tenure_days__value >= toFloat64(14)) AND (usual_gap_days__value > toFloat64(0))), 0), 0, ifNull((((silent_days__value > (toFloat64(3) * usual_gap_days__value)) AND (silent_days__value > toFloat64(5))) AND (missed_days__value >= toFloat64(2))), 0), 3, ifNull((silent_days__value < (toFloat64(1.5) * usual_gap_days__value)), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(35)) AND (sessions_prior_28d__value >= toFloat64(12))), 0), 0, ifNull((sessions_7d__value < (toFloat64(0.075) * sessions_prior_28d__value)), 0), 3, ifNull((sessions_7d__value >= (toFloat64(0.15) * sessions_prior_28d__value)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((crashes_24h__value >= toFloat64(3)), 0), 3, ifNull((crashes_24h__value < toFloat64(1)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((login_failures_24h__value >= toFloat64(4)), 0), 3, ifNull((login_failures_24h__value < toFloat64(1)), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(60)) AND (orders_prior_56d__value >= toFloat64(4))), 0), 0, ifNull((spend_28d__value < (toFloat64(0.15) * spend_prior_56d__value)), 0), 3, ifNull((spend_28d__value >= (toFloat64(0.3) * spend_prior_56d__value)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((complaint_open_days__value > toFloat64(3)), 0), 3, ifNull((complaint_open_days__value <= toFloat64(0)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((update_failures_7d__value >= toFloat64(3)), 0), 3, ifNull((update_failures_7d__value < toFloat64(1)), 0), 1, 2),
    multiIf(NOT ifNull(((tenure_days__value >= toFloat64(14)) AND (usual_gap_days__value > toFloat64(0))), 0), 0, ifNull((app_removed_days__value > toFloat64(3)), 0), 3, ifNull((app_removed_days__value <= toFloat64(0)), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((((reviews_90d__value >= toFloat64(2)) AND (mean_stars_90d__value <= toFloat64(2))) AND (mean_stars_90d__value >= toFloat64(1))), 0), 3, ifNull(((reviews_90d__value < toFloat64(1)) OR (mean_stars_90d__value >= toFloat64(3))), 0), 1, 2),
    multiIf(NOT ifNull(1, 0), 0, ifNull((reward_owed_days__value > toFloat64(3)), 0), 3, ifNull((reward_owed_days__value <= toFloat64(0)), 0), 1, 2)] AS verdicts,
  [silent_days__value, tenure_days__value, usual_gap_days__value, missed_days__value, sessions_7d__value, sessions_prior_28d__value, active_days_28d__value, spend_28d__value, spend_prior_56d__value, orders_prior_56d__value, crashes_24h__value, login_failures_24h__value, complaint_open_days__value, update_failures_7d__value, app_removed_days__value, reviews_90d__value, mean_stars_90d__value, reward_owed_days__value] AS values,
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [if(missed_days__missed >= 30, NULL, if(missed_days__days < 5, NULL, (intDiv(as_of, 86400000) + 7 * toInt64(missed_days__weeks) + least(7, missed_days__in_days)) * 86400000)),
    sessions_prior_28d__leaves,
    sessions_prior_28d__enters,
    sessions_7d__leaves,
    crashes_24h__leaves,
    login_failures_24h__leaves,
    orders_prior_56d__leaves,
    orders_prior_56d__enters,
    spend_28d__leaves,
    spend_prior_56d__leaves,
    spend_prior_56d__enters,
    update_failures_7d__leaves,
    reviews_90d__leaves,
    mean_stars_90d__leaves,
    if((1 / 86400000 - 0) > 0, if(wait_0 > 0, as_of + toInt64(least(greatest(1, ceil(wait_0 - 1e-3)), 1e14)), NULL), if(wait_0 >= 0, as_of + toInt64(least(greatest(1, floor(wait_0 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_1 >= 0, as_of + toInt64(least(greatest(1, floor(wait_1 - 1e-3) + 1), 1e14)), NULL), if(wait_1 > 0, as_of + toInt64(least(greatest(1, ceil(wait_1 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_2 >= 0, as_of + toInt64(least(greatest(1, floor(wait_2 - 1e-3) + 1), 1e14)), NULL), if(wait_2 > 0, as_of + toInt64(least(greatest(1, ceil(wait_2 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_3 > 0, as_of + toInt64(least(greatest(1, ceil(wait_3 - 1e-3)), 1e14)), NULL), if(wait_3 >= 0, as_of + toInt64(least(greatest(1, floor(wait_3 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_4 > 0, as_of + toInt64(least(greatest(1, ceil(wait_4 - 1e-3)), 1e14)), NULL), if(wait_4 >= 0, as_of + toInt64(least(greatest(1, floor(wait_4 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_5 > 0, as_of + toInt64(least(greatest(1, ceil(wait_5 - 1e-3)), 1e14)), NULL), if(wait_5 >= 0, as_of + toInt64(least(greatest(1, floor(wait_5 - 1e-3) + 1), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_6 >= 0, as_of + toInt64(least(greatest(1, floor(wait_6 - 1e-3) + 1), 1e14)), NULL), if(wait_6 > 0, as_of + toInt64(least(greatest(1, ceil(wait_6 - 1e-3)), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_7 >= 0, as_of + toInt64(least(greatest(1, floor(wait_7 - 1e-3) + 1), 1e14)), NULL), if(wait_7 > 0, as_of + toInt64(least(greatest(1, ceil(wait_7 - 1e-3)), 1e14)), NULL)),
    if((if(app_removed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_8 >= 0, as_of + toInt64(least(greatest(1, floor(wait_8 - 1e-3) + 1), 1e14)), NULL), if(wait_8 > 0, as_of + toInt64(least(greatest(1, ceil(wait_8 - 1e-3)), 1e14)), NULL)),
    if((if(app_removed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_9 >= 0, as_of + toInt64(least(greatest(1, floor(wait_9 - 1e-3) + 1), 1e14)), NULL), if(wait_9 > 0, as_of + toInt64(least(greatest(1, ceil(wait_9 - 1e-3)), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_10 >= 0, as_of + toInt64(least(greatest(1, floor(wait_10 - 1e-3) + 1), 1e14)), NULL), if(wait_10 > 0, as_of + toInt64(least(greatest(1, ceil(wait_10 - 1e-3)), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_11 >= 0, as_of + toInt64(least(greatest(1, floor(wait_11 - 1e-3) + 1), 1e14)), NULL), if(wait_11 > 0, as_of + toInt64(least(greatest(1, ceil(wait_11 - 1e-3)), 1e14)), NULL)),
    9000000000000000])) AS next_change,
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [if(missed_days__missed >= 30, NULL, if(missed_days__days < 5, NULL, (intDiv(as_of, 86400000) + 7 * toInt64(missed_days__weeks) + least(7, missed_days__in_days)) * 86400000)),
    sessions_prior_28d__enters,
    sessions_7d__leaves,
    orders_prior_56d__enters,
    spend_28d__leaves,
    spend_prior_56d__leaves,
    spend_prior_56d__enters,
    mean_stars_90d__leaves,
    if((1 / 86400000 - 0) > 0, if(wait_0 > 0, as_of + toInt64(least(greatest(1, ceil(wait_0 - 1e-3)), 1e14)), NULL), if(wait_0 >= 0, as_of + toInt64(least(greatest(1, floor(wait_0 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_1 >= 0, as_of + toInt64(least(greatest(1, floor(wait_1 - 1e-3) + 1), 1e14)), NULL), if(wait_1 > 0, as_of + toInt64(least(greatest(1, ceil(wait_1 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_2 >= 0, as_of + toInt64(least(greatest(1, floor(wait_2 - 1e-3) + 1), 1e14)), NULL), if(wait_2 > 0, as_of + toInt64(least(greatest(1, ceil(wait_2 - 1e-3)), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_4 > 0, as_of + toInt64(least(greatest(1, ceil(wait_4 - 1e-3)), 1e14)), NULL), if(wait_4 >= 0, as_of + toInt64(least(greatest(1, floor(wait_4 - 1e-3) + 1), 1e14)), NULL)),
    if((1 / 86400000 - 0) > 0, if(wait_5 > 0, as_of + toInt64(least(greatest(1, ceil(wait_5 - 1e-3)), 1e14)), NULL), if(wait_5 >= 0, as_of + toInt64(least(greatest(1, floor(wait_5 - 1e-3) + 1), 1e14)), NULL)),
    if((if(complaint_open_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_6 >= 0, as_of + toInt64(least(greatest(1, floor(wait_6 - 1e-3) + 1), 1e14)), NULL), if(wait_6 > 0, as_of + toInt64(least(greatest(1, ceil(wait_6 - 1e-3)), 1e14)), NULL)),
    if((if(app_removed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_8 >= 0, as_of + toInt64(least(greatest(1, floor(wait_8 - 1e-3) + 1), 1e14)), NULL), if(wait_8 > 0, as_of + toInt64(least(greatest(1, ceil(wait_8 - 1e-3)), 1e14)), NULL)),
    if((if(reward_owed_days__since = 9000000000000000, 0, 1 / 86400000) - 0) > 0, if(wait_10 >= 0, as_of + toInt64(least(greatest(1, floor(wait_10 - 1e-3) + 1), 1e14)), NULL), if(wait_10 > 0, as_of + toInt64(least(greatest(1, ceil(wait_10 - 1e-3)), 1e14)), NULL)),
    9000000000000000])) AS next_breach,
  multiIf(stage__days = 0, 0, as_of >= stage__churns, 5, as_of >= stage__sleeps, 4, as_of >= stage__slips, 3, stage__first > (as_of - 1209600000), 1, stage__is_back, 6, 2) AS stage,
  multiIf(stage__days = 0 OR as_of >= stage__churns, 9000000000000000, as_of >= stage__sleeps, stage__churns, as_of >= stage__slips, stage__sleeps, stage__first > (as_of - 1209600000), least(stage__slips, stage__first + 1209600000), stage__is_back, least(stage__slips, stage__came + 1209600000), stage__slips) AS next_stage,
  if(stage__days = 0, NULL, stage__gap / 86400000) AS usual_gap_days
FROM timed
