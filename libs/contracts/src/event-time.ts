import { epochMs } from '#domain';
import type { EpochMs } from '#domain';

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Reads an RFC 3339 instant to the millisecond; undefined for anything else, 30 February included. */
export function parseInstant(text: string): EpochMs | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCDate() !== day) return undefined;
  const offsetMinutes = match[8] === undefined ? 0 : Number(match[9]) * 60 + Number(match[10]);
  if (offsetMinutes > 23 * 60 + 59 || Number(match[10] ?? 0) > 59) return undefined;
  const millis = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000 + millis;
  return epochMs(local - (match[8] === '-' ? -1 : 1) * offsetMinutes * 60_000);
}
