import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Example } from '#scoring';

const amounts = ['tenure', 'MonthlyCharges', 'TotalCharges'];
const leftOut = new Set(['customerID', 'Churn', ...amounts]);

/** The shipped telecom customers: amounts as they are (none is 0), every other column one-hot without its first word. */
export function telcoCustomers(): readonly Example[] {
  const text = gunzipSync(readFileSync(join(process.cwd(), 'data/telco/customers.csv.gz')));
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  const words = Object.keys(rows[0]!)
    .filter((column) => !leftOut.has(column))
    .flatMap((column) =>
      [...new Set(rows.map((row) => row[column]!))]
        .toSorted()
        .slice(1)
        .map((word) => [column, word] as const),
    );
  return rows.map((row) => ({
    features: [
      ...amounts.map((column) => Number(row[column]!.trim() || 0)),
      ...words.map(([column, word]) => Number(row[column] === word)),
    ],
    label: row['Churn'] === 'Yes',
  }));
}
