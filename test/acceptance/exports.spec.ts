import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomerAnswer } from '#contracts';
import { DAY } from '#domain';
import { churnwatch } from '../../apps/cli/src/program.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

type Happened = readonly (readonly [type: string, amount: number | null])[];
/** What each example comes to, by customer and in the order of time, and how many of its rows the mapping leaves out. */
const exports: Readonly<
  Record<string, { readonly skipped: number; readonly customers: Readonly<Record<string, Happened>> }>
> = {
  telecom: {
    skipped: 1,
    customers: {
      '8613900000001': [
        ['recharge', 50],
        ['recharge', 50],
        ['complaint_opened', null],
      ],
      '8613900000002': [
        ['payment', 129],
        ['payment_failed', 129],
        ['payment', 129],
        ['waited', 14],
      ],
    },
  },
  bank: {
    skipped: 1,
    customers: {
      C0100: [
        ['deposit', 20000],
        ['withdrawal', 15000],
        ['waited', 35],
        ['csat_answered', 2],
      ],
      C0200: [
        ['login', null],
        ['payment', 88.5],
        ['payment_failed', 210],
      ],
    },
  },
  ecommerce: {
    skipped: 2,
    customers: {
      'u-77': [
        ['add_to_cart', null],
        ['order', 64.2],
        ['refund', 64.2],
      ],
      'u-78': [
        ['order', 19.99],
        ['complaint_opened', null],
      ],
    },
  },
  travel: {
    skipped: 1,
    customers: {
      M5: [
        ['search', null],
        ['booking', 1860],
        ['csat_answered', 3],
      ],
      M6: [
        ['booking', 640],
        ['cancellation', 640],
      ],
    },
  },
  merchant: {
    skipped: 1,
    customers: {
      'L-1': [
        ['order', 23.1],
        ['order', 31],
        ['refund', 8],
      ],
      'L-2': [
        ['order', 4.5],
        ['csat_answered', 5],
      ],
    },
  },
  app: {
    skipped: 1,
    customers: {
      u1: [
        ['app_install', null],
        ['login', null],
        ['session_start', null],
        ['crash', null],
      ],
      u2: [
        ['payment', 6],
        ['freeze', null],
      ],
    },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'exports-'));
const settings = join(folder, 'churnwatch.env');
/** The day after the last row: the examples age, the story does not. */
const today = Date.UTC(2026, 10, 20);
let app: Standalone;

async function run(...args: readonly string[]): Promise<readonly string[]> {
  const said: string[] = [];
  const bar = () => ({ advance: () => {}, end: () => {} });
  await churnwatch({ say: (line) => void said.push(line), bar }).parseAsync(['--settings', settings, ...args], {
    from: 'user',
  });
  return said;
}

beforeAll(async () => {
  writeFileSync(settings, `DATA_DIR=${folder}\n`);
  const maxAge = Math.ceil((Date.now() - today) / DAY) + 400;
  app = await startStandalone({ env: { EVENT_MAX_AGE_DAYS: String(maxAge) } });
}, 60_000);
afterAll(async () => {
  await app?.stop();
  app?.forget();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(exports))('an export as the trade of %s makes it', (pack, { skipped, customers }) => {
  it('comes in by the mapping of its pack', async () => {
    const file = `data/exports/${pack}.csv`;
    const rows = skipped + Object.values(customers).flat().length;
    expect(await run('import', file, '--mapping', pack, '--url', app.url!)).toEqual([
      `${file}: ${rows} rows, ${skipped} skipped, ${rows - skipped} accepted, 0 rejected`,
    ]);
    for (const [customer, happened] of Object.entries(customers)) {
      const events = await until(`all of ${customer}`, async () => {
        const answer = await fetch(`${app.url}/v1/customers/${customer}`);
        if (answer.status !== 200) return null;
        const { timeline } = (await answer.json()) as CustomerAnswer;
        const own = timeline.filter(({ kind }) => kind === 'event');
        return own.length === happened.length ? own : null;
      });
      const inOrder = events.toSorted((a, b) => a.at.localeCompare(b.at));
      expect(inOrder.map(({ type, amount }) => [type, amount])).toEqual(happened);
    }
  }, 60_000);
});

it('refuses a word that the mapping says nothing of, and names it', async () => {
  const file = join(folder, 'odd.csv');
  const head = 'receipt,card,date,kind,total,shop,till';
  writeFileSync(
    file,
    `${head}\nX1,L-9,2026-11-01 10:00,SALE,1,north,1\nX2,L-9,2026-11-01 10:01,constructor,1,north,1\n`,
  );
  const [said] = await run('import', file, '--mapping', 'merchant', '--url', app.url!);
  expect(said).toBe(`${file}: 2 rows, 1 accepted, 1 rejected`);
});

it('says where a mapping is wrong, and what must be left out beside it', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, 'columns: { customer: who, time: at, type: kind, amont: total }\ntypes: { sale: ordre }\n');
  await expect(run('import', 'data/exports/app.csv', '--mapping', file)).rejects.toThrow(
    /wrong.yaml:2:16: types.sale: unknown event type "ordre", did you mean "order"/,
  );
  await expect(run('import', 'data/exports/app.csv', '--mapping', 'app', '--type', 'order')).rejects.toThrow(
    '--mapping says it all: leave out --type',
  );
});
