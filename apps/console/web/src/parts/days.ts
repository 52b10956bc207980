/** UTC days as "2017-02-14", the way the API names them. */
const dayMs = 86_400_000;

export const dayOf = (iso: string): string => iso.slice(0, 10);

/** Every day from `first` to `last`, both included; at most `most`, the latest ones. */
export function daysBetween(first: string, last: string, most: number): string[] {
  const end = Date.parse(last);
  const begin = Math.max(Date.parse(first), end - (most - 1) * dayMs);
  const days: string[] = [];
  for (let at = begin; at <= end; at += dayMs) days.push(dayOf(new Date(at).toISOString()));
  return days;
}

/** Noon in epoch seconds: a bar centred there covers its day. */
export const noonOf = (day: string): number => (Date.parse(day) + dayMs / 2) / 1_000;

/** From the first day's midnight to the last day's end, in epoch seconds. */
export const spanOf = (days: readonly string[]): [number, number] => [
  Date.parse(days[0]!) / 1_000,
  (Date.parse(days.at(-1)!) + dayMs) / 1_000,
];
