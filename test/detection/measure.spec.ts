import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, HOUR } from '#domain';
import { churnwatch } from '../../apps/cli/src/program.js';
import { startStandalone, until } from '../support/standalone.js';

const folder = mkdtempSync(join(tmpdir(), 'measure-'));
const pack = join(folder, 'quiet');
const csv = join(folder, 'visits.csv');
const settings = join(folder, 'churnwatch.env');
const json = join(folder, 'figures.json');
let dataDir = '';
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (dataDir !== '') rmSync(dataDir, { recursive: true, force: true });
});

const words = { en: 'x', zh: 'x' };
const rule = (id: string, guard: string, enter: string, exit: string) => ({
  id,
  title: words,
  owner: 'care@example.com',
  severity: 'low',
  reason: 'silent_beyond_rhythm',
  playbook: 'call',
  guard,
  enter,
  exit,
  cooldown: '1d',
  evidence: ['silent_days'],
  text: words,
});
const about = { unit: 'days', description: words };
const files = {
  'pack.yaml': { name: 'quiet', title: words },
  'signals.yaml': {
    signals: {
      silent_days: { kind: 'silence', events: 'engagement', ...about },
      tenure_days: { kind: 'tenure', events: 'engagement', ...about },
      crashes_24h: { kind: 'count', events: ['crash'], span: '24h', ...about },
    },
  },
  'rules.yaml': {
    rules: [
      rule('quiet', 'tenure_days >= 10.0', 'silent_days > 4.0', 'silent_days < 1.0'),
      rule('crashes', 'true', 'crashes_24h >= 2.0', 'crashes_24h < 1.0'),
    ],
  },
  'playbooks.yaml': { playbooks: [{ id: 'call', title: words, action: words, owner: 'care', due_within: '1d' }] },
};

/** At noon, every other day. */
const begin = Date.UTC(2024, 0, 1, 12);
const visits: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>> = {
  ada: [[0, 20]],
  bea: [
    [0, 20],
    [27, 41],
  ],
  cem: [[0, 60]],
  dan: [[50, 60]],
  eve: [[30, 52]],
  hal: [[6, 60]],
};

async function run(...args: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const bar = () => ({ advance: () => {}, end: () => {} });
  const program = churnwatch({ say: (line) => void lines.push(line), bar });
  await program.parseAsync(['--settings', settings, ...args], { from: 'user' });
  return lines;
}

beforeAll(async () => {
  mkdirSync(pack);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(pack, file), JSON.stringify(content));
  const rows = Object.entries(visits).flatMap(([who, stays]) =>
    stays.flatMap(([from, to]) =>
      Array.from({ length: (to - from) / 2 + 1 }, (_, visit) => `${who},${at(from + 2 * visit)}`),
    ),
  );
  writeFileSync(csv, `who,when\n${rows.join('\n')}\n`);
  const app = await startStandalone({ env: { PACK: pack, EVENT_MAX_AGE_DAYS: '20000' } });
  dataDir = app.dataDir;
  writeFileSync(settings, `DATA_DIR=${dataDir}\n`);
  const said = await run('import', csv, '--map', 'customer=who,time=when', '--type', 'order', '--url', app.url!);
  if (!said[0]?.endsWith(`${rows.length} accepted, 0 rejected`)) throw new Error(said.join('\n'));
  await until('every row to be folded', async () => {
    const overview = (await (await fetch(`${app.url}/v1/overview`)).json()) as { readonly events: number };
    return overview.events === rows.length;
  });
  await app.stop();
}, 120_000);

const at = (days: number): string => new Date(begin + days * DAY).toISOString();

/** Cells of the line that begins with these words. */
const cells = (lines: readonly string[], table: string, name: string): Readonly<Record<string, string>> => {
  const from = lines.findIndex((line) => line.startsWith(table));
  const split = (line: string): string[] => line.split(/ {2,}/);
  const [head, own] = [split(lines[from]!), split(lines.slice(from).find((line) => line.startsWith(name))!)];
  return Object.fromEntries(head.map((column, index) => [column, own[index]!]));
};

it('says of each rule how good it would have been, to the figure', async () => {
  const lines = await run('rules', 'measure', pack, '--label', 'no activity 10d', '--json', json);
  expect(process.exitCode).toBeUndefined();
  expect(lines[0]).toMatch(/^Pack "quiet" [0-9a-f]{12}, label "no activity 10d", 2024-01-01 to 2024-03-01$/);
  // Customer-days: 60 + 60 + 60 + 10 + 30 + 54. Lapses: ada's and bea's; eve's is not over. Cut-offs: days 7 to 49.
  expect(lines[1]).toContain('6 customers, 274 customer-days');
  expect(lines[1]).toContain('2 lapses; 7 weekly cut-offs, at which 22.6 % of 31 at risk lapsed');
  // Silent for four days: ada on day 24, bea on 24 (back on 27) and 45, eve on 56, whose ten days the data do not hold.
  expect(cells(lines, 'how right', 'quiet')).toEqual({
    'how right': 'quiet',
    judged: '3 *',
    right: '2',
    'precision (95 %)': '66.7 % (20.8 %..93.9 %)',
    // On day 21 ada of four, twice; on day 42 ada and bea of five.
    'base rate': '30.0 %',
    lift: '2.22',
    // Ada and bea, each against hal.
    'within equal frequency': '1.000',
    'where one lapsed': '1.000',
    coverage: '100.0 %',
    lead: '6.0 d',
    // Ada on day 24 of 30, bea on day 45 of 51.
    'lead per lapse': '6.0 d',
  });
  expect(cells(lines, 'how much work', 'quiet')).toEqual({
    'how much work': 'quiet',
    alerts: '4',
    'not judged': '1',
    'per 100 customer-days': '1.460',
    customers: '3',
    each: '1.33',
    repeats: '0',
    'a day': '0.1',
    'busiest day': '2 on 2024-01-25',
  });
  expect(cells(lines, 'how right', 'crashes')).toMatchObject({
    judged: '0',
    'precision (95 %)': '-',
    lift: '-',
    lead: '-',
  });
  expect(cells(lines, 'how right', 'first alert')).toMatchObject({ judged: '2 *', right: '1', coverage: '50.0 %' });
  // All come every other day, but bea, once, only after a week: (5 * 2 + 41 / 18) / 6.
  expect(cells(lines, 'typical gap', 'stages')).toEqual({
    'typical gap': 'stages',
    prior_gap_days: '7.0 d',
    'in the store': '2.0 d',
    customers: '6',
  });
  expect(lines).toContain('* fewer than 30 judged alerts: too few to go by');
  expect(lines.at(-1)).toBe(`All figures: ${json}`);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
    pack: { name: 'quiet' },
    label: 'no activity 10d',
    from: at(0),
    to: at(60),
    rules: { quiet: { alerts: 4, judged: 3, right: 2, withinFrequency: { pairs: 2, share: 1 }, leadDays: 6 } },
  });
}, 60_000);

it('measures a part of the history', async () => {
  const period = ['--from', '2024-02-01', '--to', new Date(begin + 55 * DAY + 12 * HOUR).toISOString()];
  const lines = await run('rules', 'measure', pack, '--label', 'no activity 10d', ...period);
  expect(lines[0]).toContain('2024-02-01 to 2024-02-26');
  // Only bea's second, on day 45 and a millisecond: just judged. Eve's is yet to come.
  expect(cells(lines, 'how right', 'quiet')).toMatchObject({ judged: '1 *', right: '1', coverage: '100.0 %' });
  expect(cells(lines, 'how much work', 'quiet')).toMatchObject({ alerts: '1', 'not judged': '0' });
}, 60_000);

it('holds alerts against an event of a type', async () => {
  const lines = await run('rules', 'measure', pack, '--label', 'event order 10d');
  // Only bea's first was followed by one, three days later; every visit is one: 11 + 11 + 8 + 31 + 6 + 12 + 28.
  expect(cells(lines, 'how right', 'quiet')).toMatchObject({ judged: '3 *', right: '1', lead: '3.0 d' });
  expect(lines[1]).toContain('; 107 lapses;');
}, 60_000);

it('shows what a draft would change, for whom, and leaves nothing behind when it is stopped', async () => {
  const draft = join(folder, 'later');
  mkdirSync(draft);
  const later = { rules: [rule('quiet', 'tenure_days >= 10.0', 'silent_days > 8.0', 'silent_days < 1.0')] };
  for (const [file, content] of Object.entries({ ...files, 'rules.yaml': later }))
    writeFileSync(join(draft, file), JSON.stringify(content));
  const html = join(folder, 'report.html');
  const words = ['rules', 'measure', draft, '--label', 'no activity 10d', '--against', pack, '--html', html];
  const lines = await run(...words, '--json', json);
  // Four days later, but for bea's first: she is back before. Eve's would come when the data are over.
  expect(cells(lines, 'alerts by rule', 'quiet')).toMatchObject({ alike: '0', added: '2', dropped: '4' });
  expect(cells(lines, 'pack', 'in force')).toMatchObject({ alerts: '4', judged: '3', coverage: '100.0 %' });
  // Eight days into a gap of ten is too late to cover it.
  expect(cells(lines, 'pack', 'draft')).toMatchObject({ alerts: '2', judged: '2', 'lead per lapse': '0.0 d' });
  expect(cells(lines, 'customer', 'bea')).toEqual({
    customer: 'bea',
    added: 'quiet 2024-02-19',
    dropped: 'quiet 2024-01-25, quiet 2024-02-15',
  });
  const { against } = JSON.parse(readFileSync(json, 'utf8')) as { against: { difference: { customers: object[] } } };
  expect(against.difference.customers).toContainEqual({
    customer: 'ada',
    added: [{ rule: 'quiet', at: new Date(begin + 28 * DAY + 1).toISOString() }],
    dropped: [{ rule: 'quiet', at: new Date(begin + 24 * DAY + 1).toISOString() }],
  });
  const page = readFileSync(html, 'utf8');
  expect(page).toContain('<td>bea</td><td>quiet 2024-02-19</td>');
  expect(page).toContain('<td>care</td>');

  rmSync(html);
  const said: string[] = [];
  const stop = { advance: () => void process.emit('SIGINT'), end: () => {} };
  const program = churnwatch({ say: (line) => void said.push(line), bar: () => stop });
  await program.parseAsync(['--settings', settings, ...words], { from: 'user' });
  expect(said).toEqual(['Stopped: nothing was measured to the end, and nothing written.']);
  expect(process.exitCode).toBe(1);
  expect(readdirSync(folder).filter((name) => name.startsWith('report'))).toEqual([]);
}, 60_000);

it('says what it cannot do', async () => {
  const nowhere = run('rules', 'measure', pack, '--from', '2024-03-02');
  await expect(nowhere).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: /no event of the store/ });
});
