import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GatewayClient } from '../gateway-client.js';
import { startSmallGateway } from '../testing/small-gateway.js';
import type { ImportRequest } from './import-file.js';
import { importFile } from './import-file.js';

const noBar = { advance: () => {}, end: () => {} };
const columns = { customer: 'who', time: 'when', amount: 'total' };
const rowsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `c${i},2026-01-${String((i % 28) + 1).padStart(2, '0')},${i}`);

describe('an import', () => {
  let gateway: Awaited<ReturnType<typeof startSmallGateway>>;
  let folder: string;
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const request = (path: string, more: Partial<ImportRequest> = {}): ImportRequest => ({
    path,
    mapping: { columns, types: null, type: 'order', attributes: [], utcOffset: 'Z' },
    gateway: new GatewayClient(gateway.url, { patienceMs: 0 }),
    stateFolder: join(folder, 'state'),
    restart: false,
    bar: () => noBar,
    ...more,
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'import-'));
    gateway = await startSmallGateway();
  });
  afterEach(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  it('sends every row of a CSV file, gzipped or not', async () => {
    const path = file('orders.csv.gz', gzipSync(`\uFEFFwho,when,total\n${rowsOf(2_500).join('\n')}\n`));
    expect(await importFile(request(path))).toEqual({
      rows: 2_500,
      accepted: 2_500,
      rejected: 0,
      skipped: 0,
      resumedAt: 0,
      rejectsPath: null,
    });
    expect(gateway.taken.map(({ subject }) => subject)).toEqual(rowsOf(2_500).map((row) => row.split(',')[0]));
    expect(gateway.requests.length).toBe(3);
  });

  it('keeps requests under the gateway’s body limit', async () => {
    const long = 'x'.repeat(3_000);
    const path = file(
      'big.csv',
      `who,when,total,note\n${rowsOf(600)
        .map((row) => `${row},${long}`)
        .join('\n')}\n`,
    );
    const mapping = { columns, types: null, type: 'order', attributes: ['note'], utcOffset: 'Z' };
    expect(await importFile(request(path, { mapping }))).toMatchObject({ accepted: 600 });
    expect(Math.max(...gateway.requests.map(({ bytes }) => bytes))).toBeLessThan(1_048_576);
  });

  it('writes down what was rejected, by the gateway or before, with its line', async () => {
    const path = file(
      'orders.csv',
      'who,when,total\nada,2026-01-01,1\n,2026-01-01,1\n"multi\nline",2026-01-01,x\nbob,1999-01-01,1\ncy,2026-01-02\n',
    );
    expect(await importFile(request(path))).toMatchObject({ rows: 5, accepted: 1, rejected: 4 });
    const rejects = readFileSync(`${path}.rejected.ndjson`, 'utf8').trim().split('\n');
    expect(rejects.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { line: 3, reason: 'invalid', row: { who: '', when: '2026-01-01' } },
      { line: 5, reason: 'invalid' },
      { line: 6, reason: 'too-old', row: { who: 'bob' } },
      { line: 7, reason: 'malformed', detail: 'has not as many columns as the header' },
    ]);
  });

  it('goes on after an interruption: nothing lost, every repeat recognisable', async () => {
    const path = file(
      'orders.csv',
      `who,when,total\n${rowsOf(2_000).join('\n')}\n,2026-01-01,1\n${rowsOf(500).join('\n')}\n`,
    );
    const send = new GatewayClient(gateway.url, { patienceMs: 0 });
    let batches = 0;
    const breaking = Object.assign(Object.create(send) as GatewayClient, {
      send: (events: readonly object[]) => {
        // The gateway takes the second batch, but its answer never arrives.
        return ++batches === 2
          ? send.send(events).then(() => Promise.reject(new Error('the line went dead')))
          : send.send(events);
      },
    });
    await expect(importFile(request(path, { gateway: breaking }))).rejects.toThrow('the line went dead');

    expect(await importFile(request(path))).toMatchObject({
      rows: 2_501,
      accepted: 2_500,
      rejected: 1,
      resumedAt: 1_000,
    });
    const names = gateway.taken.map(({ source, id }) => `${String(source)} ${String(id)}`);
    expect(names.length).toBe(3_500);
    expect(new Set(names).size).toBe(2_500);
    expect(readFileSync(`${path}.rejected.ndjson`, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('sends nothing again once it is done, and all of it on --restart', async () => {
    const path = file('orders.csv', `who,when,total\n${rowsOf(3).join('\n')}\n`);
    await importFile(request(path));
    expect(await importFile(request(path))).toMatchObject({ rows: 3, resumedAt: 3 });
    expect(gateway.taken).toHaveLength(3);
    await importFile(request(path, { restart: true }));
    expect(new Set(gateway.taken.map(({ id }) => id)).size).toBe(3);
    expect(gateway.taken).toHaveLength(6);
  });

  it('refuses to go on with other options', async () => {
    const path = file('orders.csv', `who,when,total\n${rowsOf(3).join('\n')}\n`);
    await importFile(request(path));
    const mapping = { columns, types: null, type: 'payment', attributes: [], utcOffset: 'Z' };
    await expect(importFile(request(path, { mapping }))).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
  });

  it('takes CloudEvents from NDJSON and rejects lines that are none', async () => {
    const event = { id: '1', source: 'crm', type: 'login', subject: 'ada', time: '2026-01-01T00:00:00Z' };
    const path = file(
      'events.ndjson',
      `${JSON.stringify(event)}\n\n{broken\n[]\n${JSON.stringify({ ...event, id: '2' })}`,
    );
    const mapping = { columns: null, types: null, type: undefined, attributes: [], utcOffset: 'Z' };
    expect(await importFile(request(path, { mapping }))).toMatchObject({ rows: 4, accepted: 2, rejected: 2 });
    expect(gateway.taken).toMatchObject([{ id: '1' }, { id: '2' }]);
  });

  it.each([
    ['missing.csv', null, /cannot be opened/],
    ['table.xlsx', 'x', /expected .csv/],
    ['broken.csv.gz', 'no gzip', /cannot be read/],
  ])('says what is wrong with %s', async (name, content, message) => {
    const path = content === null ? join(folder, name) : file(name, content);
    await expect(importFile(request(path))).rejects.toMatchObject({ code: 'IMPORT_INVALID', message });
  });
});
