import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'roles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the built program as the image does. */
function start(words: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const child = spawn('sh', [join(root, 'deploy/docker/entrypoint.sh'), ...words], {
    env: { PATH: process.env['PATH'], DATA_DIR: folder, HTTP_PORT: '0', METRICS_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: Record<string, unknown>[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    events.push(line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : { event: line });
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const seen = (event: string) =>
    new Promise<Record<string, unknown>>((found, missed) => {
      const look = (): void => {
        const hit = events.find((one) => one['event'] === event);
        if (hit) found(hit);
      };
      waiting.add(look);
      void ended.then(() => missed(new Error(`ended without ${event}: ${errors}`)));
      look();
    });
  return { child, events, ended, seen, errors: () => errors };
}

describe('a process of the image', () => {
  it('checks its settings and does nothing else', async () => {
    const good = start(['sentinel', '--check-config']);
    expect(await good.ended).toBe(0);
    const bad = start(['sentinel', '--check-config'], { LOCALE: 'fr', KAFKA_PARTITIONS: '0' });
    expect(await bad.ended).toBe(2);
    expect(bad.errors()).toMatch(
      /CONFIG_INVALID[\s\S]*LOCALE[\s\S]*KAFKA_PARTITIONS[\s\S]*docs\/errors\/CONFIG_INVALID\.md/,
    );
  }, 60_000);

  it('says in one paragraph why it could not start', async () => {
    const role = start(['tracker'], { CLICKHOUSE_URL: 'http://127.0.0.1:1' });
    expect(await role.ended).toBe(1);
    expect(role.errors()).toMatch(/^The tracker could not start\. STORE_UNAVAILABLE: /m);
  }, 60_000);

  it('gets ready, and lets go in order when asked to', async () => {
    const role = start(['standalone']);
    const { opsPort } = await role.seen('started');
    const live = await fetch(`http://127.0.0.1:${String(opsPort)}/health/live`);
    expect(live.status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${String(opsPort)}/metrics`)).text();
    expect(metrics).toContain('churnwatch_events_admitted_total{family="activity"} 0');
    role.child.kill('SIGTERM');
    expect(await role.ended).toBe(0);
    expect(role.events.map(({ event }) => event)).toEqual(['started', 'stopping', 'stopped']);
    expect(role.errors()).toBe('');
  }, 120_000);

  it('takes any other first word as a command', async () => {
    const help = start(['churnwatch', '--help']);
    expect(await help.ended).toBe(0);
    expect(help.events.map(({ event }) => event).join('\n')).toContain('Usage: churnwatch');
    const version = start(['doctor'], { HTTP_PORT: 'x' });
    expect(await version.ended).toBe(1);
  }, 60_000);
});
