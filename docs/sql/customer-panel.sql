-- What everybody had done up to an instant, counted in windows that end at another, the same or later: what a score is made of.
SELECT customer, minIf(occurred_at, active),
  maxIf(occurred_at, active),
  uniqExactIf(day, active),
  countIf(active),
  sumIf(amount, active),
  arrayMax(arrayPopFront(arrayDifference(arraySort(groupUniqArrayIf(day, active))))),
  [uniqExactIf(day, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[1]),
    uniqExactIf(day, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[2]),
    uniqExactIf(day, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[3]),
    uniqExactIf(day, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[4]),
    uniqExactIf(day, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[5])],
  [countIf(active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[1]),
    countIf(active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[2]),
    countIf(active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[3]),
    countIf(active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[4]),
    countIf(active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[5])],
  [sumIf(amount, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[1]),
    sumIf(amount, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[2]),
    sumIf(amount, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[3]),
    sumIf(amount, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[4]),
    sumIf(amount, active AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[5])],
  [countIf(type IN {frictions:Array(String)} AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[1]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[2]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[3]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[4]),
    countIf(type IN {frictions:Array(String)} AND occurred_at > {asOf:Int64} - {spans:Array(Int64)}[5])],
  maxIf(occurred_at, type = {marked:String})
FROM (
  SELECT tenant, customer, occurred_at, type, ifNull(amount, 0) AS amount, intDiv(occurred_at, 86400000) AS day,
    type IN {engaged:Array(String)} AS active
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND occurred_at <= {knownUpTo:Int64}
)
GROUP BY tenant, customer
HAVING countIf(active) > 0
ORDER BY tenant, customer
SETTINGS optimize_aggregation_in_order = 1
