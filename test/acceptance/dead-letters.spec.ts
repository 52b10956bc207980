import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '#contracts';
import { epochMs } from '#domain';
import type { EventLog, Observation } from '#pipeline';
import { EVENT_LOG } from '#pipeline';
import { churnwatch } from '../../apps/cli/src/program.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

const topic = topics.activity.name;
const stopping = topics.transaction.name;
let app: Standalone;
const folder = mkdtempSync(join(tmpdir(), 'letters-'));
const env = { DEAD_LETTER_MAX_CONSECUTIVE: '20', DEAD_LETTER_MAX_PERCENT: '0' };
const seen: Observation[] = [];
const start = async (dataDir?: string) => {
  app = await startStandalone({
    env,
    roles: ['gateway', 'tracker'],
    observer: (each) => void seen.push(each),
    ...(dataDir === undefined ? {} : { dataDir }),
  });
};
beforeAll(() => start());
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(async () => {
  await app.stop();
  app.forget();
  rmSync(folder, { recursive: true });
});

/** The command line as it is, with its words split at spaces. */
async function run(words: string): Promise<string> {
  const lines: string[] = [];
  const bar = () => ({ advance: () => {}, end: () => {} });
  const program = churnwatch({ say: (line) => void lines.push(line), bar });
  await program.parseAsync([...words.split(' '), '--url', app.url!], { from: 'user' });
  return lines.join('\n');
}

const write = async (values: readonly (object | string)[], to: string = topic) => {
  const log = app.app.get<EventLog>(EVENT_LOG, { strict: false });
  const messages = values.map((value) => ({
    key: 'k',
    timestamp: epochMs(Date.now()),
    value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  }));
  await log.append(to, messages);
};
const opened = (id: string, type: string, subject: string) => ({ specversion: '1.0', id, source: 's', type, subject });
const eventsOf = async (customer: string): Promise<number> => {
  const response = await fetch(`${app.url}/v1/customers/${customer}`);
  if (response.status === 404) return 0;
  const { windows } = (await response.json()) as { windows: { count: number }[] };
  return windows.reduce((total, { count }) => total + count, 0);
};
const healthDetail = async (): Promise<string | undefined> => {
  const { checks } = await app.role.context.health.ready();
  return checks.find(({ name }) => name === 'dead-letters')?.detail;
};

describe('dead letters on the running app', () => {
  it('are listed, shown, tried and sent back from the command line; a doubled replay counts once', async () => {
    await write([opened('e1', 'app_opne', 'ada'), opened('e2', 'app_opne', 'bob'), 'no JSON']);
    const list = await until('the letters', async () => {
      const said = await run('dead-letters list');
      return said.includes(`${topic}/0/2`) && said;
    });
    expect(list).toMatch(/2 +0 +unknown-type +churnwatch\.activity\.v1 .*did you mean "app_open"\?/);
    expect(await run(`dead-letters show ${topic}/0/2`)).toMatch(/TO DO +Send JSON in UTF-8[\s\S]+no JSON$/);

    const mend = 'dead-letters replay --reason unknown-type --set type=app_open';
    expect(await run(mend)).toMatch(/2 admitted, 0 still refused, .* repeat it with --yes/);
    expect(await eventsOf('ada')).toBe(0);
    expect(await run(`${mend} --yes`)).toMatch(/admitted +app_open of ada, as s e1[\s\S]+2 admitted, 0 still refused/);
    await until('the events', async () => (await eventsOf('ada')) === 1 && (await eventsOf('bob')) === 1);
    expect(await run(mend)).toBe('No letter is left to replay.');
    expect(await run(`dead-letters replay ${topic}/0/0 --yes`)).toMatch(/already-replayed .* as s e1/);

    const path = join(folder, 'fixed.json');
    writeFileSync(path, JSON.stringify(opened('e3', 'login', 'cem')));
    expect(await run(`dead-letters replay ${topic}/0/2 --yes`)).toMatch(/refused +malformed/);
    expect(process.exitCode).toBe(1);
    expect(await run(`dead-letters replay ${topic}/0/2 --file ${path}`)).toMatch(/1 admitted, .* repeat it with --yes/);
    expect(await run(`dead-letters replay ${topic}/0/2 --file ${path} --yes`)).toMatch(/login of cem, as s e3/);
    await until('the event', async () => (await eventsOf('cem')) === 1);

    // As if the mark had been lost: the same event comes once more.
    await app.store.command('TRUNCATE TABLE $db.dead_letter_replay_v1');
    expect(await run(`${mend} --yes`)).toMatch(/2 admitted/);
    await write([opened('last', 'login', 'dan')]);
    await until('all of it', async () => (await eventsOf('dan')) === 1);
    expect([await eventsOf('ada'), await eventsOf('bob')]).toEqual([1, 1]);
  }, 120_000);

  it('stop a partition when they are too many, and only that one, until somebody lets them pass', async () => {
    await write(
      Array.from({ length: 30 }, (_, n) => `bad ${n}`),
      stopping,
    );
    await write([opened('behind', 'login', 'eva')], stopping);
    const detail = await until('the stop', healthDetail);
    expect(detail).toContain(`${stopping}/0 stands still at offset`);
    expect((await app.role.context.health.ready()).status).toBe('ok');
    await write([opened('beside', 'login', 'fay')]);
    await until('the other partition', async () => (await eventsOf('fay')) === 1);
    expect(await eventsOf('eva')).toBe(0);
    expect((await run('dead-letters list --limit 200')).match(/bad \d/g)).toBeNull();

    // A restart does not get it past the cap either.
    await app.stop();
    seen.length = 0;
    await start(app.dataDir);
    await until('the stop', () => seen.some((each) => each.kind === 'capped' && each.isStopped));
    expect((await run('dead-letters list --limit 200')).match(/bad \d/g)).toBeNull();

    expect(await run(`dead-letters let-pass ${stopping}/0 --up-to 100`)).toContain('may be buried');
    await until('the event behind', async () => (await eventsOf('eva')) === 1, 60_000);
    expect((await run('dead-letters list --limit 200')).match(/bad \d/g)).toHaveLength(30);
    expect(await healthDetail()).toBeUndefined();
    expect(seen.findLast((each) => each.kind === 'capped')).toMatchObject({ isStopped: false });
  }, 120_000);

  it('say what they cannot do', async () => {
    expect(await run('dead-letters show nothing/0/1')).toBe('There is no such letter.');
    expect(await run('dead-letters replay')).toBe('Say which: ids, --reason or --topic.');
    expect(await run('dead-letters let-pass elsewhere/0 --up-to 1')).toMatch(/^topic: one of /);
    expect(process.exitCode).toBe(1);
  });
});
