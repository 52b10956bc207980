-- The score of everybody at risk as of an instant, by a model that foretells "no activity".
SELECT customer, arrayProduct(chances) AS score
FROM (
SELECT customer, arrayMap((as_of, window_days, window_events, window_amounts, window_frictions) -> 1 / (1 + exp(-(0.3333333333333333
    + 0.2804903282692988 * least(5, greatest(-5, (log(least(0.999999, greatest(0.000001, 1 - if(active_days = 1, 1, 1 / (1 + 0.6666666666666666 / (1.8571428571428572 + active_days - 2) * exp((0.3333333333333333 + active_days - 1) * log((2.4285714285714284 + (intDiv(as_of, 86400000) - intDiv(first_at, 86400000)) / 7) / (2.4285714285714284 + (intDiv(last_at, 86400000) - intDiv(first_at, 86400000)) / 7))))) * (1 - exp((0.3333333333333333 + active_days - 1) * log((2.4285714285714284 + (intDiv(as_of, 86400000) - intDiv(first_at, 86400000)) / 7) / ((2.4285714285714284 + (intDiv(as_of, 86400000) - intDiv(first_at, 86400000)) / 7) + 4.285714285714286)))))) / (1 - least(0.999999, greatest(0.000001, 1 - if(active_days = 1, 1, 1 / (1 + 0.6666666666666666 / (1.8571428571428572 + active_days - 2) * exp((0.3333333333333333 + active_days - 1) * log((2.4285714285714284 + (intDiv(as_of, 86400000) - intDiv(first_at, 86400000)) / 7) / (2.4285714285714284 + (intDiv(last_at, 86400000) - intDiv(first_at, 86400000)) / 7))))) * (1 - exp((0.3333333333333333 + active_days - 1) * log((2.4285714285714284 + (intDiv(as_of, 86400000) - intDiv(first_at, 86400000)) / 7) / ((2.4285714285714284 + (intDiv(as_of, 86400000) - intDiv(first_at, 86400000)) / 7) + 4.285714285714286)))))))) - 0) / 1))
    + 0.3030991422752272 * least(5, greatest(-5, (log1p(greatest(0, as_of - last_at) / 86400000) - 0.14285714285714285) / 1.0909090909090908))
    + 0.0470400026866224 * least(5, greatest(-5, (log(greatest(1, active_days)) - 0.2857142857142857) / 1.1818181818181819))
    + (-0.25226749843597607) * least(5, greatest(-5, (log1p(greatest(0, as_of - last_at) / 86400000 / (((last_at - first_at) / 86400000 + 42.85714285714286) / (active_days + 2))) - 0.42857142857142855) / 1.2727272727272727))
    + (-0.3196414248877128) * least(5, greatest(-5, (log(((last_at - first_at) / 86400000 + 42.85714285714286) / (active_days + 2)) - 0.5714285714285714) / 1.3636363636363638))
    + (-0.09313849939964196) * least(5, greatest(-5, (log1p(greatest(0, as_of - last_at) / 86400000) - log1p(greatest(longest_gap, ((last_at - first_at) / 86400000 + 42.85714285714286) / (active_days + 2))) - 0.7142857142857143) / 1.4545454545454546))
    + 0.21899553290626303 * least(5, greatest(-5, (log1p(greatest(0, as_of - first_at) / 86400000) - 0.8571428571428571) / 1.5454545454545454))
    + 0.32978608220779393 * least(5, greatest(-5, (if(active_days <= 1, 1, 0) - 1) / 1.6363636363636362))
    + 0.13737282841391887 * least(5, greatest(-5, (log1p(window_days[1]) - 1.1428571428571428) / 1.7272727272727273))
    + (-0.18134037029645658) * least(5, greatest(-5, (log1p(window_days[2]) - 1.2857142857142858) / 1.8181818181818183))
    + (-0.3333300688502345) * least(5, greatest(-5, (log1p(window_days[3]) - 1.4285714285714286) / 1.9090909090909092))
    + (-0.1788576393334783) * least(5, greatest(-5, (log1p(window_days[4]) - 1.5714285714285714) / 2))
    + 0.14005567894221363 * least(5, greatest(-5, (log1p(window_days[5]) - 1.7142857142857142) / 2.090909090909091))
    + 0.3302024518982901 * least(5, greatest(-5, (log(event_count / greatest(1, active_days)) - 1.8571428571428572) / 2.1818181818181817))
    + 0.2167626133857056 * least(5, greatest(-5, (log1p(greatest(0, spend) / greatest(1, active_days)) - 2) / 2.2727272727272725))
    + (-0.09596777222168844) * least(5, greatest(-5, (log((greatest(0, window_days[2]) + 0.5) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 28)) - log((greatest(0, window_days[4]) + (0.5 * least(greatest(1, greatest(0, as_of - first_at) / 86400000), 112)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 28)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 112)) - 2.142857142857143) / 2.3636363636363633))
    + (-0.32046583062651895) * least(5, greatest(-5, (log((greatest(0, window_days[3]) + 0.5) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 56)) - log((greatest(0, window_days[5]) + (0.5 * least(greatest(1, greatest(0, as_of - first_at) / 86400000), 168)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 56)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 168)) - 2.2857142857142856) / 2.4545454545454546))
    + (-0.2503290822572254) * least(5, greatest(-5, (log((greatest(0, window_events[2]) + 0.5) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 28)) - log((greatest(0, window_events[4]) + (0.5 * least(greatest(1, greatest(0, as_of - first_at) / 86400000), 112)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 28)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 112)) - 2.4285714285714284) / 2.5454545454545454))
    + 0.04995906988765078 * least(5, greatest(-5, (log((greatest(0, window_amounts[3]) + if(abs(spend) / greatest(1, active_days) < 0.000001, 1, abs(spend) / greatest(1, active_days))) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 56)) - log((greatest(0, window_amounts[5]) + (if(abs(spend) / greatest(1, active_days) < 0.000001, 1, abs(spend) / greatest(1, active_days)) * least(greatest(1, greatest(0, as_of - first_at) / 86400000), 168)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 56)) / least(greatest(1, greatest(0, as_of - first_at) / 86400000), 168)) - 2.5714285714285716) / 2.6363636363636367))
    + 0.3043150835758759 * least(5, greatest(-5, (log1p(window_frictions[3]) - 2.7142857142857144) / 2.7272727272727275))
    ))), {asOfs:Array(Int64)}, days, counts, amounts, hurts) AS chances
FROM (
  SELECT customer, minIf(occurred_at, active) AS first_at, maxIf(occurred_at, active) AS last_at,
    uniqExactIf(day, active) AS active_days, countIf(active) AS event_count, sumIf(amount, active) AS spend,
    -- ClickHouse compares no whole number of 64 bits with a fraction.
    toFloat64(arrayMax(arrayPopFront(arrayDifference(arraySort(groupUniqArrayIf(day, active)))))) AS longest_gap,
    [[uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[1]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[2]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[3]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[4]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[5])],
    [uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[1]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[2]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[3]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[4]),
    uniqExactIf(day, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[5])]] AS days,
    [[countIf(active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[1]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[2]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[3]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[4]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[5])],
    [countIf(active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[1]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[2]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[3]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[4]),
    countIf(active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[5])]] AS counts,
    [[sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[1]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[2]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[3]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[4]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[5])],
    [sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[1]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[2]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[3]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[4]),
    sumIf(amount, active AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[5])]] AS amounts,
    [[countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[1]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[2]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[3]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[4]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[1] - {spans:Array(Int64)}[5])],
    [countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[1]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[2]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[3]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[4]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOfs:Array(Int64)}[2] - {spans:Array(Int64)}[5])]] AS hurts
  FROM (
  SELECT tenant, customer, occurred_at, type, ifNull(amount, 0) AS amount, intDiv(occurred_at, 86400000) AS day,
    type IN {engaged:Array(String)} AS active
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND occurred_at <= {knownUpTo:Int64}
  )
  GROUP BY tenant, customer
  HAVING event_count > 0 AND last_at >= {activeFrom:Int64} AND maxIf(occurred_at, type = {marked:String}) <= last_at
  SETTINGS optimize_aggregation_in_order = 1
)
)
ORDER BY customer
