import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertsAnswer, CustomerAnswer } from '#contracts';
import { DAY, HOUR } from '#domain';
import { churnwatch } from '../../apps/cli/src/program.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

const weekly = (from: number, to: number): number[] =>
  Array.from({ length: Math.floor((from - to) / 7) + 1 }, (_, week) => from - week * 7);
/** Days ago. Three times away for long, and here since. */
const regulars = [...weekly(700, 560), ...weekly(490, 350), ...weekly(280, 245), ...weekly(168, 0)];
/** Here every week, until lately. */
const lapsed = weekly(700, 84);
const names = (kind: string): string[] => Array.from({ length: 30 }, (_, n) => `${kind}-${n}`);
const now = Date.now();
const rowsOf = (customer: string, days: readonly number[]) =>
  days.map((day) => [customer, now - day * DAY - HOUR] as const);
const folder = mkdtempSync(join(tmpdir(), 'import-'));
let app: Standalone;

const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${app.url}/v1/${path}`)).json()) as T;

beforeAll(async () => {
  app = await startStandalone({ env: { HISTORY_SETTLE_SECONDS: '3', EVENT_MAX_AGE_DAYS: '1000' } });
  // The way exports usually are, oldest first: each customer's past comes in from the first batch to the last.
  const rows = [
    ...names('regular').flatMap((name) => rowsOf(name, regulars)),
    ...names('lapsed').flatMap((name) => rowsOf(name, lapsed)),
  ].toSorted(([, a], [, b]) => a - b);
  const csv = rows.map(([customer, at]) => `${customer},${new Date(at).toISOString()},12.5`);
  writeFileSync(join(folder, 'orders.csv'), `who,at,total\n${csv.join('\n')}\n`);
  writeFileSync(join(folder, 'churnwatch.env'), `DATA_DIR=${folder}\n`);
  const said: string[] = [];
  const program = churnwatch({
    say: (line) => void said.push(line),
    bar: () => ({ advance: () => {}, end: () => {} }),
  });
  await program.parseAsync(
    [
      '--settings',
      join(folder, 'churnwatch.env'),
      'import',
      join(folder, 'orders.csv'),
      '--map',
      'customer=who,time=at,amount=total',
      '--type',
      'order',
      '--url',
      app.url!,
    ],
    { from: 'user' },
  );
  if (!said[0]?.endsWith(' 0 rejected')) throw new Error(said.join('\n'));
}, 60_000);
afterAll(async () => {
  await app?.stop();
  app?.forget();
  rmSync(folder, { recursive: true, force: true });
});

it('years of history in a running app alert for nothing that was past before they came', async () => {
  await until('everybody who lapsed', async () => (await ask<AlertsAnswer>('alerts?limit=200')).items.length >= 30);
  const { items } = await ask<AlertsAnswer>('alerts?limit=200');
  expect(new Set(items.map(({ customer }) => customer))).toEqual(new Set(names('lapsed')));
  expect(items.filter(({ becameDueAt }) => Date.parse(becameDueAt) < now)).toEqual([]);
  for (const name of names('regular')) {
    const { flags, timeline } = await ask<CustomerAnswer>(`customers/${name}`);
    expect([name, flags.filter(({ state }) => state !== 'clear')]).toEqual([name, []]);
    expect([name, timeline.filter(({ kind }) => kind === 'transition')]).toEqual([name, []]);
  }
}, 60_000);

it('what a newcomer with a history does next is looked at as anybody’s', async () => {
  const { lifecycle, lastSeenAt } = await ask<CustomerAnswer>('customers/regular-3');
  expect(lifecycle.stage).toBe('active');
  expect(Date.parse(lastSeenAt)).toBe(now - HOUR);
});
