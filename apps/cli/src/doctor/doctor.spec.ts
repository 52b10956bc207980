import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { courierSettings, kafkaSettings, loadConfig } from '#platform';
import { doctor, examine } from './doctor.js';
import { checkDataDir, checkNode, checkPort } from './machine.js';
import { checkKafka, checkSmtp, checkWebhook } from './neighbours.js';

const listenOn = async (server: { listen(port: number, host: string, done: () => void): unknown }): Promise<void> =>
  new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));

describe('the doctor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds a bare machine with the embedded parts well', async () => {
    const lines: string[] = [];
    const env = { DATA_DIR: folder, HTTP_PORT: '0', METRICS_PORT: '0' };
    const isWell = await doctor(env, { say: (line) => void lines.push(line), bar: () => ({ advance() {}, end() {} }) });
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(isWell).toBe(true);
    expect(lines).toContain('ok   ClickHouse (embedded): the engine loads');
    expect(lines.at(-1)).toBe('All is well.');
  });

  it('looks no further than the settings when those are wrong', async () => {
    const findings = await examine({ HTTP_PORT: 'x', LOCALE: 'fr' });
    expect(findings.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['well Node', 'ill Settings']);
    expect(findings[1]!.detail).toMatch(/LOCALE[\s\S]*HTTP_PORT/);
  });

  it('knows which Node is too old', () => {
    expect(checkNode('18.20.0').kind).toBe('ill');
    expect(checkNode('20.18.9').kind).toBe('ill');
    expect(checkNode('20.19.0').kind).toBe('well');
    expect(checkNode('24.0.0').kind).toBe('well');
  });

  it('sees a folder that cannot be made and a disk that is full', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(await checkDataDir(join(file, 'below'))).toMatchObject({ kind: 'ill', name: 'DATA_DIR' });
    expect(await checkDataDir(folder, Number.MAX_SAFE_INTEGER)).toMatchObject({ kind: 'ill' });
  });

  it('sees a port that is taken', async () => {
    const server = createServer();
    await listenOn(server);
    const { port } = server.address() as AddressInfo;
    expect(await checkPort('HTTP_PORT', '127.0.0.1', port)).toMatchObject({
      kind: 'ill',
      todo: expect.stringContaining('HTTP_PORT') as unknown,
    });
    server.close();
  });

  it('tells a mail server from something else and from nothing', async () => {
    const mail = new SMTPServer({ disabledCommands: ['AUTH', 'STARTTLS'] });
    await listenOn(mail as never);
    const other = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n'));
    await listenOn(other);
    const at = (server: { address(): unknown }) => `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const addresses = [at(mail.server), at(other)];
    expect((await checkSmtp(addresses[0])).kind).toBe('well');
    expect((await checkSmtp(addresses[1])).kind).toBe('ill');
    await new Promise<void>((done) => void mail.close(done));
    other.close();
    expect(await checkSmtp(addresses[0])).toMatchObject({ kind: 'ill', detail: /ECONNREFUSED/ });
  });

  it('says that no broker answers', async () => {
    const server = createServer();
    await listenOn(server);
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((done) => void server.close(() => done()));
    const finding = await checkKafka(loadConfig(kafkaSettings, { KAFKA_BROKERS: `127.0.0.1:${port}` }));
    expect(finding).toMatchObject({ kind: 'ill', todo: expect.stringContaining('KAFKA_BROKERS') as unknown });
  });

  it('wants a long webhook secret and an encrypted address', () => {
    const settings = (env: Record<string, string>) => checkWebhook(loadConfig(courierSettings, env));
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    expect(settings({}).kind).toBe('well');
    expect(settings({ WEBHOOK_URL: 'https://a.example', WEBHOOK_SECRET: secret }).kind).toBe('well');
    expect(settings({ WEBHOOK_URL: 'https://a.example', WEBHOOK_SECRET: 'whsec_YWJj' }).kind).toBe('ill');
    expect(settings({ WEBHOOK_URL: 'http://a.example', WEBHOOK_SECRET: secret }).kind).toBe('ill');
  });
});
