import { DAY } from '#domain';

/** How many windows a past has; their spans are parameters. */
export const windowCount = 5;

/** A tenant's events up to an instant, as pasts are made of them; `among` may add a condition. */
export const pastEvents = (
  among = '',
) => `SELECT tenant, customer, occurred_at, type, ifNull(amount, 0) AS amount, intDiv(occurred_at, ${DAY}) AS day,
    type IN {engaged:Array(String)} AS active
  FROM $db.event_v1
  WHERE tenant = {tenant:String} AND occurred_at <= {knownUpTo:Int64}${among}`;

/** What a customer had done, grouped from these. */
export const pastFigures = {
  firstAt: 'minIf(occurred_at, active)',
  lastAt: 'maxIf(occurred_at, active)',
  activeDays: 'uniqExactIf(day, active)',
  events: 'countIf(active)',
  amount: 'sumIf(amount, active)',
  longestGapDays: 'arrayMax(arrayPopFront(arrayDifference(arraySort(groupUniqArrayIf(day, active)))))',
} as const;

/** The same within each window that ends at `asOf`, as arrays. */
export function windowFigures(asOf: string) {
  const each = (of: (within: string) => string): string => {
    const within = (window: number): string => `occurred_at > ${asOf} - {spans:Array(Int64)}[${window + 1}]`;
    return `[${Array.from({ length: windowCount }, (_, window) => of(within(window))).join(',\n    ')}]`;
  };
  return {
    activeDays: each((now) => `uniqExactIf(day, active AND ${now})`),
    events: each((now) => `countIf(active AND ${now})`),
    amount: each((now) => `sumIf(amount, active AND ${now})`),
    frictions: each((now) => `countIf(type IN {frictions:Array(String)} AND ${now})`),
  } as const;
}

/** When a customer last did what is foretold; 0: never. */
export const markedAt = 'maxIf(occurred_at, type = {marked:String})';
