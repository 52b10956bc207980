import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { CsvError } from 'csv-parse';
import { parse } from 'csv-parse';
import { ChurnError } from '#domain';

/** One row of a file. `line` is where it ends; `number` counts rows from 1. */
export interface Row {
  readonly number: number;
  readonly line: number;
  readonly content: Readonly<Record<string, unknown>> | null;
  /** Why there is no content. */
  readonly fault?: string;
}

export type FileFormat = 'csv' | 'ndjson';
const longestLineChars = 4_194_304;

export function formatOf(path: string): FileFormat {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.csv') || name.endsWith('.tsv')) return 'csv';
  if (name.endsWith('.ndjson') || name.endsWith('.jsonl')) return 'ndjson';
  throw new ChurnError('IMPORT_INVALID', `${path}: expected .csv, .tsv, .ndjson or .jsonl, each also with .gz`);
}

/** Rows in the file's order. A bad row is a row with a fault; a file that cannot be read throws ChurnError IMPORT_INVALID. */
export async function* readRows(path: string, onBytes: (soFar: number) => void): AsyncGenerator<Row> {
  const format = formatOf(path);
  const file = createReadStream(path);
  let bytes = 0;
  file.on('data', (chunk) => onBytes((bytes += chunk.length)));
  const text: Readable = path.toLowerCase().endsWith('.gz') ? pipeline(file, createGunzip(), () => {}) : file;
  try {
    yield* format === 'csv' ? csvRows(text, /\.tsv(\.gz)?$/i.test(path) ? '\t' : ',') : jsonRows(text);
  } catch (cause) {
    if (cause instanceof ChurnError) throw cause;
    throw new ChurnError('IMPORT_INVALID', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  } finally {
    file.destroy();
  }
}

interface CsvRow {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number; readonly records: number; readonly error?: CsvError };
}

async function* csvRows(text: Readable, delimiter: string): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => header.map((name) => name.trim()),
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  pipeline(text, parser, () => {});
  let number = 0;
  for await (const { record, info } of parser as AsyncIterable<CsvRow>) {
    number++;
    yield info.error === undefined
      ? { number, line: info.lines, content: record }
      : { number, line: info.lines, content: null, fault: 'has not as many columns as the header' };
  }
}

async function* jsonRows(text: Readable): AsyncGenerator<Row> {
  let rest = '';
  let line = 0;
  let number = 0;
  const rowOf = (json: string): Row | null => {
    line++;
    if (json.trim() === '') return null;
    number++;
    try {
      const content: unknown = JSON.parse(json);
      if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
        return { number, line, content: content as Record<string, unknown> };
      }
      return { number, line, content: null, fault: 'is not a JSON object' };
    } catch {
      return { number, line, content: null, fault: 'is not JSON' };
    }
  };
  text.setEncoding('utf8');
  for await (const chunk of text as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (rest.length > longestLineChars)
      throw new ChurnError('IMPORT_INVALID', `line ${line + lines.length + 1} is too long`);
    for (const json of lines) {
      const row = rowOf(json);
      if (row !== null) yield row;
    }
  }
  const last = rowOf(rest);
  if (last !== null) yield last;
}
