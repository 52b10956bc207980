import { DAY } from '#domain';
import type { BgParameters, FeatureName, ScoreModel } from '#scoring';
import { leastAmount, leastChance, windowDays } from '#scoring';

/** As it is, to the last bit: doubles are printed so that they come back. */
export function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`a score has the coefficient ${value}`);
  return value < 0 ? `(${value})` : String(value);
}

/** See `bgNone` and `buyingFeature`: days of activity are the purchases, weeks the unit. */
function buyingSql({ r, alpha, a, b }: BgParameters, periodMs: number): string {
  const [rate, since] = [
    `(${number(r)} + active_days - 1)`,
    `(${number(alpha)} + (${day('as_of')} - ${day('first_at')}) / 7)`,
  ];
  const last = `(${number(alpha)} + (${day('last_at')} - ${day('first_at')}) / 7)`;
  const gone = `${number(a)} / (${number(b)} + active_days - 2) * exp(${rate} * log(${since} / ${last}))`;
  const alive = `if(active_days = 1, 1, 1 / (1 + ${gone}))`;
  const waits = `exp(${rate} * log(${since} / (${since} + ${number(periodMs / (7 * DAY))})))`;
  const none = `least(${1 - leastChance}, greatest(${leastChance}, 1 - ${alive} * (1 - ${waits})))`;
  return `log(${none} / (1 - ${none}))`;
}
const day = (instant: string): string => `intDiv(${instant}, ${DAY})`;

/**
 * Each feature of libs/scoring over the columns of `score-query.ts`, of which `as_of` and those of windows are of one period. The
 * names are a closed list, so none can be forgotten; test/property/score-sql.spec.ts holds each against its reference.
 */
export function featureSql({ pace, periodMs, buying }: ScoreModel): Readonly<Record<FeatureName, string | null>> {
  const gap = `((last_at - first_at) / ${DAY} + ${number(3 * pace.typicalGapDays)}) / (active_days + 2)`;
  const silence = `greatest(0, as_of - last_at) / ${DAY}`;
  const tenure = `greatest(0, as_of - first_at) / ${DAY}`;
  const daysOnce = 'greatest(1, active_days)';
  const usualAmount = `abs(spend) / ${daysOnce}`;
  const little = `if(${usualAmount} < ${number(leastAmount)}, 1, ${usualAmount})`;

  const inWindow = (column: string, window: number): string => `${column}[${window + 1}]`;
  const lived = (window: number): string =>
    `least(greatest(1, ${tenure}), ${number(windowDays[window]! * pace.stretch)})`;
  const trend = (column: string, recent: number, earlier: number, little: string): string => {
    const [a, b] = [recent, earlier].map((window) => `greatest(0, ${inWindow(column, window)})`);
    const [aDays, bDays] = [lived(recent), lived(earlier)];
    return `log((${a} + ${little}) / ${aDays}) - log((${b} + (${little} * ${bDays}) / ${aDays}) / ${bDays})`;
  };
  const daysIn = (window: number): string => `log1p(${inWindow('window_days', window)})`;

  return {
    'BG/NBD': buying && buyingSql(buying, periodMs),
    silence: `log1p(${silence})`,
    'active days': `log(${daysOnce})`,
    'silence / own gap': `log1p(${silence} / (${gap}))`,
    'own gap': `log(${gap})`,
    'silence / longest gap': `log1p(${silence}) - log1p(greatest(longest_gap, ${gap}))`,
    tenure: `log1p(${tenure})`,
    'came once': 'if(active_days <= 1, 1, 0)',
    'active days in window 1': daysIn(0),
    'active days in window 2': daysIn(1),
    'active days in window 3': daysIn(2),
    'active days in window 4': daysIn(3),
    'active days in window 5': daysIn(4),
    'events per active day': `log(event_count / ${daysOnce})`,
    'amount per active day': `log1p(greatest(0, spend) / ${daysOnce})`,
    'trend of active days, short': trend('window_days', 1, 3, '0.5'),
    'trend of active days, long': trend('window_days', 2, 4, '0.5'),
    'trend of events': trend('window_events', 1, 3, '0.5'),
    'trend of amounts': trend('window_amounts', 2, 4, little),
    frictions: `log1p(${inWindow('window_frictions', 2)})`,
  };
}
