import { ChurnError } from '#domain';

/** Fields of an event that a column can fill. */
export const eventFields = ['customer', 'time', 'type', 'amount', 'id', 'platform', 'channel', 'appVersion'] as const;
export type EventField = (typeof eventFields)[number];

export interface Mapping {
  /** Column that fills each field; null: the rows are CloudEvents already. */
  readonly columns: { readonly [Field in EventField]?: string | undefined } | null;
  /** What each word in the column of the type means; null: the words are types already. */
  readonly types: Readonly<Record<string, string>> | null;
  /** Type of every row where no column says it. */
  readonly type: string | undefined;
  /** Columns kept as attributes. */
  readonly attributes: readonly string[];
  /** Offset of times that carry none, like "+08:00". */
  readonly utcOffset: string;
  /** `source` of the events; with an id it recognises a row that was sent before. */
  readonly source: string;
}

const isField = (name: string): name is EventField => (eventFields as readonly string[]).includes(name);

/** Reads "customer=user_id,time=ts". Throws ChurnError IMPORT_INVALID that says what is wrong with which part. */
export function parseColumns(text: string): Partial<Record<EventField, string>> {
  const columns: Partial<Record<EventField, string>> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const field = part.slice(0, at).trim();
    const column = part.slice(at + 1).trim();
    if (at < 1 || column === '') throw new ChurnError('IMPORT_INVALID', `--map: "${part}" is not FIELD=COLUMN`);
    if (!isField(field)) {
      throw new ChurnError('IMPORT_INVALID', `--map: no field "${field}"; there are ${eventFields.join(', ')}`);
    }
    columns[field] = column;
  }
  return columns;
}

export type Mapped =
  | { readonly kind: 'event'; readonly event: Readonly<Record<string, unknown>> }
  /** The mapping leaves such rows out. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'rejected'; readonly detail: string };

const rejected = (detail: string): Mapped => ({ kind: 'rejected', detail });

/** Makes a row a CloudEvent. Without an id of its own a row is named by its number: the same file gives the same ids. */
export function mapRow(row: Readonly<Record<string, unknown>>, rowNumber: number, mapping: Mapping): Mapped {
  const rowId = `row-${rowNumber}`;
  if (mapping.columns === null) {
    return { kind: 'event', event: { id: rowId, source: mapping.source, ...row, specversion: '1.0' } };
  }
  const { columns } = mapping;
  const cell = (field: EventField): string => textOf(columns[field] === undefined ? undefined : row[columns[field]]);
  const customer = cell('customer');
  if (customer === '') return rejected(`column "${columns.customer}" names no customer`);
  const word = cell('type') || mapping.type;
  if (word === undefined) return rejected(`column "${columns.type}" names no type`);
  const type = mapping.types === null ? word : translated(word, mapping.types);
  if (type === undefined) return rejected(`column "${columns.type}": the mapping's types say nothing of "${word}"`);
  if (type === 'skip') return { kind: 'skipped' };
  const time = readTime(cell('time'), mapping.utcOffset);
  if (time === null) return rejected(`column "${columns.time}" holds no time that can be read`);
  const amount = readAmount(cell('amount'));
  if (amount === undefined) return rejected(`column "${columns.amount}" holds no number`);
  return {
    kind: 'event',
    event: {
      specversion: '1.0',
      id: cell('id') || rowId,
      source: mapping.source,
      type,
      subject: customer,
      time,
      data: {
        amount,
        platform: cell('platform'),
        channel: cell('channel'),
        appVersion: cell('appVersion'),
        attributes: Object.fromEntries(
          mapping.attributes.filter((name) => textOf(row[name]) !== '').map((name) => [name, row[name]]),
        ),
      },
    },
  };
}

/** A word like "constructor" is a word like any other. */
const translated = (word: string, types: Readonly<Record<string, string>>): string | undefined =>
  Object.hasOwn(types, word) ? types[word] : undefined;

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Null: none; undefined: unreadable. Thousands separators mean different things in different countries: refused. */
function readAmount(text: string): number | null | undefined {
  if (text === '') return null;
  const amount = Number(text);
  return Number.isFinite(amount) ? amount : undefined;
}

const calendar =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
const epochSecondsUpTo = 100_000_000_000;

/** As RFC 3339: from ISO-like dates with or without time and offset, or from seconds or milliseconds since 1970. */
export function readTime(text: string, utcOffset: string): string | null {
  if (/^\d{9,14}(\.\d+)?$/.test(text)) {
    const value = Number(text);
    return new Date(value < epochSecondsUpTo ? value * 1_000 : value).toISOString();
  }
  const match = calendar.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '00', second = '00', fraction, offset] = match;
  const two = (digits: string): string => digits.padStart(2, '0');
  const zone = (offset ?? utcOffset).toUpperCase().replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  return `${year}-${two(month!)}-${two(day!)}T${two(hour)}:${minute}:${second}${fraction ? `.${fraction}` : ''}${zone}`;
}
