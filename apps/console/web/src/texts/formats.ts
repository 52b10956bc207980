import type { Locale } from '#domain';

export interface Formats {
  readonly count: (value: number) => string;
  readonly short: (value: number) => string;
  /** At most two digits after the point. */
  readonly quantity: (value: number) => string;
  readonly minute: (iso: string) => string;
  /** Time of day. */
  readonly clock: (iso: string) => string;
  readonly day: (isoDay: string) => string;
  readonly dayShort: (isoDay: string) => string;
  readonly days: (value: number) => string;
  /** One unit, the largest that fits: "420 ms", "4.2 s", "3 h", "12 days". */
  readonly span: (ms: number) => string;
  /** As `span`, in whole seconds below a minute: for what is counted on every second. */
  readonly age: (seconds: number) => string;
}

// Days in the store are UTC days, so instants are told in UTC too: a 23:30 event must not show under the next day's bar.
const timeZone = 'UTC';
const tags: Readonly<Record<Locale, string>> = { en: 'en-GB', zh: 'zh-CN' };
// British English shortens "second" to "secs", which reads oddly in a dense table.
const unitTags: Readonly<Record<Locale, string>> = { en: 'en', zh: 'zh-CN' };

const units: readonly { readonly unit: string; readonly ms: number; readonly digits: number }[] = [
  { unit: 'day', ms: 86_400_000, digits: 1 },
  { unit: 'hour', ms: 3_600_000, digits: 1 },
  { unit: 'minute', ms: 60_000, digits: 0 },
  { unit: 'second', ms: 1_000, digits: 1 },
  { unit: 'millisecond', ms: 1, digits: 0 },
];

export function formatsOf(locale: Locale): Formats {
  const tag = tags[locale];
  const count = new Intl.NumberFormat(tag);
  const short = new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 });
  const quantity = new Intl.NumberFormat(tag, { maximumFractionDigits: 2 });
  const minute = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', hour12: false, timeZone });
  const clock = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hour12: false, timeZone });
  const day = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone });
  const dayShort = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', timeZone });
  const spans = units.map(
    ({ unit, digits }) =>
      new Intl.NumberFormat(unitTags[locale], {
        style: 'unit',
        unit,
        unitDisplay: unit === 'day' ? 'long' : 'short',
        maximumFractionDigits: digits,
      }),
  );
  const days = new Intl.NumberFormat(unitTags[locale], {
    style: 'unit',
    unit: 'day',
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  });
  const dated = (formatter: Intl.DateTimeFormat) => (iso: string) => {
    const at = new Date(iso);
    return Number.isNaN(at.getTime()) ? iso : formatter.format(at);
  };
  const wholeSeconds = new Intl.NumberFormat(unitTags[locale], { style: 'unit', unit: 'second', unitDisplay: 'short' });
  const span = (ms: number): string => {
    const index = units.findIndex((unit) => Math.abs(ms) >= unit.ms);
    const at = index === -1 ? units.length - 1 : index;
    return spans[at]!.format(ms / units[at]!.ms);
  };
  return {
    count: (value) => count.format(value),
    short: (value) => short.format(value),
    quantity: (value) => quantity.format(value),
    minute: dated(minute),
    clock: dated(clock),
    day: dated(day),
    dayShort: dated(dayShort),
    days: (value) => days.format(value),
    span,
    age: (seconds) => (seconds < 60 ? wholeSeconds.format(seconds) : span(seconds * 1_000)),
  };
}
