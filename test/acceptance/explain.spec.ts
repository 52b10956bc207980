import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertsAnswer } from '#contracts';
import { DAY, SECOND } from '#domain';
import { churnwatch } from '../../apps/cli/src/program.js';
import { eventsAt, sendEvents } from '../support/send-events.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
const pack = join(folder, 'pack');
let app: Standalone;
beforeAll(async () => {
  cpSync('packs/app', pack, { recursive: true });
  app = await startStandalone({ env: { PACK: pack } });
}, 60_000);
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(async () => {
  await app?.stop();
  app?.forget();
  rmSync(folder, { recursive: true });
});

/** The command line as it is. */
async function explain(id: string): Promise<{ readonly said: string; readonly status: number }> {
  const lines: string[] = [];
  const bar = () => ({ advance: () => {}, end: () => {} });
  const program = churnwatch({ say: (line) => void lines.push(line), bar });
  await program.parseAsync(['explain', id, '--url', app.url!], { from: 'user' });
  return { said: lines.join('\n'), status: Number(process.exitCode ?? 0) };
}

const visit = (...times: readonly number[]): Promise<void> => sendEvents(app.url!, eventsAt('ada', 'app_open', times));
const alerts = async (): Promise<AlertsAnswer['items']> =>
  ((await (await fetch(`${app.url}/v1/alerts?customer=ada`)).json()) as AlertsAnswer).items;

// Every day, and then for five days nothing: the flag is raised three seconds from now.
const last = Date.now() - 5 * DAY + 3 * SECOND;

it('explains an alert by the rule that raised it, whatever became of the rule', async () => {
  await visit(...Array.from({ length: 20 }, (_, day) => last - day * DAY));
  const [alert] = await until('the alert', async () => ((await alerts()).length > 0 ? await alerts() : null), 60_000);

  const { said, status } = await explain(alert!.id);
  expect(said).toContain(`Rule silent-beyond-rhythm, version ${alert!.ruleVersion}, in force since`);
  expect(said).toMatch(/holds: silent_days > 5\.0 +\(5 and 5\)/);
  expect(said).toMatch(/guard holds: tenure_days >= 14\.0 && usual_gap_days > 0\.0/);
  expect(said).toContain('Decided anew: breach, as the alert told.');
  expect(status).toBe(0);

  // Somebody makes the rule far more patient: by the new one nothing would have been said.
  const rules = join(pack, 'rules.yaml');
  writeFileSync(rules, readFileSync(rules, 'utf8').replace('silent_days > 5.0', 'silent_days > 50.0'));
  await app.stop();
  app = await startStandalone({ env: { PACK: pack }, dataDir: app.dataDir });
  expect(await explain(alert!.id)).toEqual({ said, status: 0 });
}, 120_000);

it('says when an alert would not be told any more, and why', async () => {
  const alert = (await alerts()).find(({ kind }) => kind === 'alert');
  // Her phone had been offline: she was there the day before.
  await visit(last + 4 * DAY);
  const { said, status } = await until('the visit to be known', async () => {
    const explained = await explain(alert!.id);
    return explained.status === 1 ? explained : null;
  });
  expect(status).toBe(1);
  expect(said).toMatch(/enter does not hold/);
  expect(said).toMatch(/silent_days +5 +1/);
  expect(said).toContain('which is not what the alert told: events came later than it.');
}, 60_000);

it('knows when there is no such alert', async () => {
  expect(await explain('nothing')).toEqual({ said: 'There is no alert of this id.', status: 1 });
});
