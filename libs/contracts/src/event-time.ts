import { DAY, epochMs, HOUR, MINUTE } from '#domain';
import type { EpochMs } from '#domain';

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Reads an RFC 3339 instant to the millisecond; undefined for anything else, 30 February included. */
export function parseInstant(text: string): EpochMs | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const year = +match[1]!;
  const month = +match[2]!;
  const day = +match[3]!;
  const hour = +match[4]!;
  const minute = +match[5]!;
  const second = +match[6]!;
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return undefined;
  if (day < 1 || day > daysInMonth[month - 1]! + (month === 2 && isLeap(year) ? 1 : 0)) return undefined;
  const millis = match[7] === undefined ? 0 : +match[7].padEnd(3, '0').slice(0, 3);
  // 400 years are a whole number of days, and `Date.UTC` takes years below 100 for those of the last century.
  const local = Date.UTC(year + 400, month - 1, day, hour, minute, second, millis) - 400 * 365.2425 * DAY;
  if (match[8] === undefined) return epochMs(local);
  const offsetHours = +match[9]!;
  const offsetMinutes = +match[10]!;
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  return epochMs(local - (match[8] === '-' ? -1 : 1) * (offsetHours * HOUR + offsetMinutes * MINUTE));
}
