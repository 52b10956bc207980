import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertsAnswer, CustomerAnswer, PackAnswer } from '#contracts';
import { DAY } from '#domain';
import { eventsAt, sendEvents } from '../support/send-events.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

const folder = mkdtempSync(join(tmpdir(), 'reload-'));
const pack = join(folder, 'pack');
const rules = join(pack, 'rules.yaml');
let app: Standalone;
beforeAll(async () => {
  cpSync('packs/app', pack, { recursive: true });
  app = await startStandalone({ env: { PACK: pack, PACK_RELOAD_SECONDS: '1' } });
}, 60_000);
afterAll(async () => {
  await app?.stop();
  app?.forget();
  rmSync(folder, { recursive: true });
});

const change = (from: string, to: string): void => {
  const text = readFileSync(rules, 'utf8');
  expect(text).toContain(from);
  writeFileSync(rules, text.replace(from, to));
};
const get = async <T>(path: string): Promise<T> => (await (await fetch(`${app.url}${path}`)).json()) as T;
const alertsOf = async (customer: string): Promise<AlertsAnswer['items']> =>
  (await get<AlertsAnswer>(`/v1/alerts?customer=${customer}`)).items;
const version = async (rule: string): Promise<string> =>
  (await get<PackAnswer>('/v1/pack')).rules.find(({ id }) => id === rule)!.version;

const send = (subject: string, type: string, times: readonly number[]): Promise<void> =>
  sendEvents(app.url!, eventsAt(subject, type, times));
/** Failed logins reach the rule for them: whatever was sent before has been looked at by then. */
async function isAtWork(who: string): Promise<void> {
  const now = Date.now();
  await send(who, 'login_failed', [now - 4, now - 3, now - 2, now - 1]);
  await until(`the alert of ${who}`, async () => (await alertsOf(who)).length > 0, 60_000);
}

const rule = 'silent-beyond-rhythm';

it('decides by changed rules from then on, without a restart and without an event', async () => {
  const last = Date.now() - 4 * DAY;
  await send(
    'ada',
    'app_open',
    Array.from({ length: 20 }, (_, day) => last - day * DAY),
  );
  await isAtWork('bob');
  // Four days are no more than her rhythm allows by the rule as it is.
  expect(await alertsOf('ada')).toEqual([]);
  const before = await version(rule);
  change('silent_days > 5.0', 'silent_days > 3.5');
  const [alert] = await until(
    'the alert of ada',
    async () => {
      const found = await alertsOf('ada');
      return found.length > 0 ? found : null;
    },
    60_000,
  );
  expect(alert).toMatchObject({ rule, ruleVersion: await version(rule) });
  expect(alert!.ruleVersion).not.toBe(before);
}, 120_000);

it('goes on with the last good ones while there is a mistake, and says where', async () => {
  const before = await version(rule);
  change('silent_days > 3.5', 'silent_dys > 3.5');
  const { opsPort } = app.role;
  const ready = async () =>
    (await (await fetch(`http://127.0.0.1:${opsPort}/health/ready`)).json()) as {
      status: string;
      checks: { name: string; detail?: string }[];
    };
  const detail = await until(
    'the refusal',
    async () => (await ready()).checks.find(({ name }) => name === 'rules')?.detail,
  );
  expect(detail).toMatch(/rules\.yaml:\d+:\d+: unknown signal "silent_dys", did you mean "silent_days"\?/);
  expect((await ready()).status).toBe('ok');
  await isAtWork('eve');
  expect(await version(rule)).toBe(before);
  change('silent_dys > 3.5', 'silent_days > 3.0');
  await until('the mended rules', async () => (await version(rule)) !== before);
}, 120_000);

it('goes on moving the flags of a rule that is muted, says so, and tells nobody', async () => {
  const spike = 'crash-spike';
  const before = await version(spike);
  change(
    'evidence: [crashes_24h, sessions_7d]',
    `evidence: [crashes_24h, sessions_7d]\n    muted: { en: Too loud, zh: 过多 }`,
  );
  await until('the muted rule', async () => (await version(spike)) !== before);
  const { rules: named } = await get<PackAnswer>('/v1/pack');
  expect(named.filter(({ muted }) => muted !== null)).toMatchObject([{ id: spike, muted: { en: 'Too loud' } }]);
  const now = Date.now();
  await send('mia', 'crash', [now - 3, now - 2, now - 1]);
  await isAtWork('zoe');
  const { flags } = await get<CustomerAnswer>('/v1/customers/mia');
  expect(flags.find((flag) => flag.rule === spike)).toMatchObject({ state: 'firing', muted: true, episode: 1 });
  expect(await alertsOf('mia')).toEqual([]);
}, 120_000);
