import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { DAY, epochMs } from '#domain';
import { checkAllSettings } from '#platform';
import type { EventFeed } from '#simulator';
import { openHouseholds } from '#simulator';
import { GatewayClient } from './gateway-client.js';
import { churnwatch } from './program.js';
import { playFeed } from './play-feed.js';
import { startSmallGateway } from './testing/small-gateway.js';

const noBar = { advance: () => {}, end: () => {} };

async function run(...words: string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const program = churnwatch({ say: (line) => void lines.push(line), bar: () => noBar });
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command
      .exitOverride()
      .configureOutput({ writeErr: (text) => void lines.push(text), writeOut: (text) => void lines.push(text) });
  }
  await program.parseAsync(words, { from: 'user' });
  return lines;
}

describe('churnwatch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'churnwatch-'));
  const settings = join(folder, 'churnwatch.env');
  afterEach(() => {
    process.exitCode = undefined;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('init writes settings that can be used, and never over others', async () => {
    await run('init', settings);
    const text = readFileSync(settings, 'utf8');
    expect(text).toContain('#KAFKA_PARTITIONS=12');
    expect(parseEnv(text)).toEqual({});
    expect(() => checkAllSettings(parseEnv(text.replace(/^#([A-Z_]+=)/gm, '$1')))).not.toThrow();
    writeFileSync(settings, `DATA_DIR=${folder}/data\n`);
    expect(await run('init', settings)).toEqual([`${settings} is there already and was left as it is.`]);
    expect(process.exitCode).toBe(1);
  });

  it('migrate makes the tables in the embedded engine, once', async () => {
    const first = await run('--settings', settings, 'migrate');
    expect(first.length).toBeGreaterThan(0);
    expect(first.every((line) => line.startsWith('applied '))).toBe(true);
    expect(existsSync(join(folder, 'data'))).toBe(true);
    expect(await run('--settings', settings, 'migrate')).toEqual(['The tables are up to date.']);
  });

  it('rules measure says when there is nothing to measure, and what cannot be asked', async () => {
    const words = ['--settings', settings, 'rules', 'measure'];
    expect(await run(...words, 'merchant')).toEqual(['There is no event in the store: import a history first.']);
    expect(process.exitCode).toBe(1);
    expect(await run(...words, folder)).toEqual([expect.stringContaining('pack.yaml')]);
    await expect(run(...words, 'merchant', '--label', 'event unsubscribed 30d')).rejects.toThrow(/no event type/);
    await expect(run(...words, 'merchant', '--from', 'yesterday')).rejects.toThrow(/2026-03-01/);
  });

  it('churn-window says when there is nothing to look at, and what cannot be asked', async () => {
    const words = ['--settings', settings, 'churn-window', 'merchant'];
    expect(await run(...words)).toEqual(['There is no event in the store: import a history first.']);
    expect(process.exitCode).toBe(1);
    await expect(run(...words, '--level', '100')).rejects.toThrow(/in percent/);
    await expect(run(...words, '--horizon', 'long')).rejects.toThrow(/like 30d/);
  });

  it('topics says that there is no Kafka', async () => {
    await expect(run('topics')).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: /KAFKA_BROKERS/ });
  });

  it('import sends a file and says what came of it', async () => {
    const gateway = await startSmallGateway();
    const path = join(folder, 'orders.csv');
    writeFileSync(path, 'user,at,total\nada,2026-01-01,5\n,2026-01-01,5\n');
    const words = [
      '--settings',
      settings,
      'import',
      path,
      '--map',
      'customer=user,time=at,amount=total',
      '--url',
      gateway.url,
    ];
    await expect(run(...words)).rejects.toMatchObject({ message: /--type/ });
    expect(await run(...words, '--type', 'order')).toEqual([
      `${path}: 2 rows, 1 accepted, 1 rejected`,
      `  rejected rows and why: ${path}.rejected.ndjson`,
    ]);
    expect(gateway.taken).toMatchObject([{ subject: 'ada', type: 'order' }]);
    await gateway.close();
  });

  it('names a settings file that is not there, and a bad option', async () => {
    await expect(run('--settings', '/no/such', 'topics')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(run('simulate', '--speed', 'fast')).rejects.toThrow(/Not a number/);
  });
});

describe('simulate', () => {
  it('plays a made-up base, the same for the same seed', async () => {
    // The gateway's clock runs with the command's: both are the machine's here.
    const gateway = await startSmallGateway(Date.now());
    const words = ['simulate', '--seed', '7', '--customers', '5', '--days', '20', '--url', gateway.url];
    const [said] = await run(...words);
    expect(said).toMatch(/^[1-9]\d* events accepted, 0 rejected$/);
    const ids = gateway.taken.splice(0).map(({ id }) => id);
    await run(...words);
    expect(gateway.taken.map(({ id }) => id)).toEqual(ids);
    await gateway.close();
  });

  const now = Date.UTC(2026, 0, 31, 12);
  const clockAt = (at: number) => ({ now: () => epochMs(at) });

  it('plays a real base with its times moved to end within the last day', async () => {
    const gateway = await startSmallGateway(now);
    const whole = openHouseholds();
    const feed: EventFeed = {
      ...whole,
      *events() {
        for (const event of whole.events()) if (event.occurredAt > whole.endAt - 2 * DAY) yield event;
      },
    };
    const request = { feed, gateway: new GatewayClient(gateway.url), speed: 0, bar: () => noBar, clock: clockAt(now) };
    const first = await playFeed(request);
    expect(first.accepted).toBeGreaterThan(100);
    expect(first.rejected).toBe(0);
    const times = gateway.taken.map(({ time }) => Date.parse(String(time)));
    expect(Math.max(...times)).toBeLessThanOrEqual(now);
    expect(Math.max(...times)).toBeGreaterThan(now - 2 * DAY);
    const sent = structuredClone(gateway.taken);
    gateway.taken.length = 0;
    await playFeed({ ...request, clock: clockAt(now + 3_600_000) });
    expect(gateway.taken).toEqual(sent);
    await gateway.close();
  });

  it('keeps to its speed', async () => {
    const gateway = await startSmallGateway(now);
    const whole = openHouseholds();
    const start = whole.startAt;
    const pick = [...whole.events()].slice(0, 3).map((event, index) => ({
      ...event,
      occurredAt: epochMs(start + index * 60_000),
      receivedAt: epochMs(start + index * 60_000),
    }));
    const feed: EventFeed = { ...whole, endAt: epochMs(start + DAY), events: () => pick };
    let at = now;
    const pauses: number[] = [];
    await playFeed({
      feed,
      gateway: new GatewayClient(gateway.url),
      speed: 60,
      bar: () => noBar,
      clock: { now: () => epochMs(at) },
      pause: async (ms) => {
        pauses.push(ms);
        at += ms;
      },
    });
    expect(pauses).toEqual([1_000, 1_000]);
    expect(gateway.requests).toHaveLength(3);
    await gateway.close();
  });
});
