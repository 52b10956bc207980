-- Signals, verdicts and stages of the pack "app" for a set of customers, each as of instants of their own.
WITH
pieces AS (
  SELECT customer, as_of, start, events, amount, first_at, last_at,
    intDiv(start, 86400000) * 86400000 AS day, intDiv(as_of, 3600000) * 3600000 AS hour_now, intDiv(as_of, 86400000) * 86400000 AS day_now,
    type IN ('app_install', 'app_open', 'session_start', 'login', 'page_view', 'search', 'add_to_cart', 'order', 'payment', 'recharge', 'deposit', 'withdrawal', 'booking', 'campaign_redeemed') AS of_0,
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
    type IN ('reward_credited') AS of_12,
    of_1 AND start > hour_now - 604800000 AS when_0,
    of_1 AND start > hour_now - 3024000000 AND NOT (start > hour_now - 604800000) AS when_1,
    of_1 AND start > hour_now - 3024000000 AS when_2,
    of_0 AND start > hour_now - 2419200000 AS when_3,
    of_2 AND start > hour_now - 2419200000 AS when_4,
    of_2 AND day > day_now - 7257600000 AND NOT (start > hour_now - 2419200000) AS when_5,
    of_2 AND day > day_now - 7257600000 AS when_6,
    of_3 AND start > hour_now - 86400000 AS when_7,
    of_4 AND start > hour_now - 86400000 AS when_8,
    of_7 AND start > hour_now - 604800000 AS when_9,
    of_10 AND day > day_now - 7776000000 AS when_10
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
    arrayMap((special_on) -> arrayMap((first, last, own) -> arrayMap((came, lived, passed) -> arrayMap((p) -> arrayMap((expected, a_week) -> arrayMap((missed, lacks) -> (missed, arrayMap((weeks) -> arrayMap((days) -> (intDiv(as_of, 86400000) + 7 * toInt64(weeks) + if(days = 0, 7, days)) * 86400000, [arrayFirstIndex(
          sum -> sum >= lacks - weeks * a_week - 2e-9,
          arrayCumSum(arrayMap(i -> p[((intDiv(as_of, 86400000) + i + 3) % 7) + 1], range(7))))])[1], [greatest(0, ceil(lacks / a_week) - 1)])[1]), [floor(expected + 1e-9)], [floor(expected + 1e-9) + 1 - expected])[1], [arraySum(arrayMap((q, n) -> q * n, p, passed))], [arraySum(p)])[1], [arrayMap((rate) -> arrayMap((c, l) -> (c + 4 * rate) / (l + 4), came, lived), [least(1, (length(own) + 2) / (arraySum(lived) + 3 * 3))])[1]])[1], [arrayMap((w, special) -> arrayCount(d -> ((d + 3) % 7) = w, own), range(7), special_on)], [arrayMap((w, special) -> greatest(0, intDiv(last + 3 - w + 7, 7) - intDiv(first - 1 + 3 - w + 7, 7)) - arrayCount(s -> s >= first AND s <= last, special), range(7), special_on)], [arrayMap((w, special) -> greatest(0, intDiv(intDiv(as_of, 86400000) - 1 + 3 - w + 7, 7) - intDiv(last + 1 - 1 + 3 - w + 7, 7)) - arrayCount(s -> s >= last + 1 AND s <= intDiv(as_of, 86400000) - 1, special), range(7), special_on)])[1], [arrayMin(missed_days__active)], [arrayMax(missed_days__active)], [arrayFilter(d -> NOT has(special_on[((d + 3) % 7) + 1], d), missed_days__active)])[1], [[[19359, 19380, 19478, 19632, 19723, 19765, 19884, 19982, 20003, 20122, 20213, 20241, 20367, 20500, 20507, 20549, 20577, 20731]::Array(Int64), [19381, 19479, 19633, 19766, 19983, 19997, 20116, 20123, 20368, 20501, 20578, 20732]::Array(Int64), [19382, 19452, 19480, 19634, 19767, 19844, 19998, 20089, 20117, 20362, 20369, 20502, 20733]::Array(Int64), [19383, 19530, 19635, 19768, 19817, 19845, 19999, 20118, 20209, 20363, 20454, 20503, 20727]::Array(Int64), [19384, 19531, 19629, 19636, 19769, 19818, 19846, 20000, 20119, 20182, 20210, 20364, 20455, 20504, 20574, 20623, 20721, 20728]::Array(Int64), [19357, 19378, 19385, 19476, 19483, 19532, 19630, 19637, 19763, 19770, 19819, 19847, 19854, 19882, 19980, 20001, 20008, 20120, 20127, 20183, 20211, 20239, 20365, 20372, 20456, 20498, 20505, 20512, 20547, 20575, 20582, 20624, 20722, 20729, 20736]::Array(Int64), [19358, 19379, 19386, 19470, 19477, 19533, 19631, 19638, 19757, 19764, 19771, 19820, 19841, 19848, 19883, 19981, 19995, 20002, 20114, 20121, 20184, 20205, 20212, 20240, 20359, 20366, 20457, 20499, 20506, 20548, 20576, 20625, 20716, 20723, 20730]::Array(Int64)]])[1] AS missed_days__counted,
    sumIf(events, when_0) AS sessions_7d__raw,
    minOrNullIf(start + 604800000, when_0) AS sessions_7d__leaves,
    sumIf(events, when_1) AS sessions_prior_28d__raw,
    minOrNullIf(start + 3024000000, when_2) AS sessions_prior_28d__leaves,
    minOrNullIf(start + 604800000, when_0) AS sessions_prior_28d__enters,
    uniqExactIf(day, when_3) AS active_days_28d__raw,
    minOrNullIf(start + 2419200000, when_3) AS active_days_28d__leaves,
    sumIf(amount, when_4) AS spend_28d__raw,
    minOrNullIf(start + 2419200000, when_4) AS spend_28d__leaves,
    sumIf(amount, when_5) AS spend_prior_56d__raw,
    minOrNullIf(day + 7257600000, when_6) AS spend_prior_56d__leaves,
    minOrNullIf(start + 2419200000, when_4) AS spend_prior_56d__enters,
    sumIf(events, when_5) AS orders_prior_56d__raw,
    minOrNullIf(day + 7257600000, when_6) AS orders_prior_56d__leaves,
    minOrNullIf(start + 2419200000, when_4) AS orders_prior_56d__enters,
    sumIf(events, when_7) AS crashes_24h__raw,
    minOrNullIf(start + 86400000, when_7) AS crashes_24h__leaves,
    sumIf(events, when_8) AS login_failures_24h__raw,
    minOrNullIf(start + 86400000, when_8) AS login_failures_24h__leaves,
    groupArrayIf(first_at, of_5) AS complaint_open_days__opened,
    maxIf(last_at, of_6) AS complaint_open_days__closed,
    arrayMin(arrayFilter(at -> at > complaint_open_days__closed, arrayPushBack(complaint_open_days__opened, 9000000000000000))) AS complaint_open_days__since,
    sumIf(events, when_9) AS update_failures_7d__raw,
    minOrNullIf(start + 604800000, when_9) AS update_failures_7d__leaves,
    groupArrayIf(first_at, of_8) AS app_removed_days__opened,
    maxIf(last_at, of_9) AS app_removed_days__closed,
    arrayMin(arrayFilter(at -> at > app_removed_days__closed, arrayPushBack(app_removed_days__opened, 9000000000000000))) AS app_removed_days__since,
    sumIf(events, when_10) AS reviews_90d__raw,
    minOrNullIf(day + 7776000000, when_10) AS reviews_90d__leaves,
    sumIf(amount, when_10) / nullIf(sumIf(events, when_10), 0) AS mean_stars_90d__raw,
    minOrNullIf(day + 7776000000, when_10) AS mean_stars_90d__leaves,
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
    if(missed_days__days < 5, NULL, toNullable(least(30, missed_days__counted.1))) AS missed_days__value,
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
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [if(missed_days__counted.1 >= 30, NULL, if(missed_days__days < 5, NULL, missed_days__counted.2)),
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
  arrayMin(arrayMap(at -> ifNull(at, 9000000000000000), [if(missed_days__counted.1 >= 30, NULL, if(missed_days__days < 5, NULL, missed_days__counted.2)),
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
