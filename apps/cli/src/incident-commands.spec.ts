import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncidentAnswer } from '#contracts';
import { churnwatch } from './program.js';

const incident: IncidentAnswer['incident'] = {
  id: 'i1',
  revision: 3,
  state: 'closed',
  kinds: ['login_failed', 'crash'],
  extent: { appVersion: '5.2.0', platform: '', channel: 'baidu' },
  beganAt: '2026-03-10T10:00:00.000Z',
  detectedAt: '2026-03-10T10:05:00.000Z',
  endedAt: '2026-03-10T12:00:00.000Z',
  endDetectedAt: '2026-03-10T12:25:00.000Z',
  failing: 20,
  active: 50,
  rate: 0.4,
  norm: 0.012,
  affected: 60,
  valueAtRisk: 600,
  cameBack: 40,
};
const one: IncidentAnswer = {
  incident,
  now: { affected: 60, valueAtRisk: 600, cameBack: 45, stayAway: 15 },
  customers: [
    { customer: 'ada', lastFailedAt: '2026-03-10T11:50:00.000Z', spent: 10, seenSince: '2026-03-10T12:10:00.000Z' },
    { customer: 'bea\u001b[2J', lastFailedAt: '2026-03-10T11:55:00.000Z', spent: 0, seenSince: null },
  ],
};
const open = { ...incident, id: 'i2', state: 'open' as const, endedAt: null, endDetectedAt: null, cameBack: null };
const problem = { type: 'about:blank', title: 'Not Found', status: 404, detail: 'There is no incident of this id.' };
const asked: string[] = [];
const server = createServer(({ url }, response) => {
  asked.push(url ?? '');
  const answer = url?.startsWith('/v1/incidents/') ? (url.endsWith('i1') ? one : problem) : { items: [open, incident] };
  response.writeHead(answer === problem ? 404 : 200).end(JSON.stringify(answer));
});
const said: string[] = [];
const run = (...words: string[]): Promise<unknown> => {
  said.length = 0;
  const { port } = server.address() as AddressInfo;
  const terminal = { say: (line: string) => void said.push(line), bar: () => ({ advance: () => {}, end: () => {} }) };
  return churnwatch(terminal).parseAsync([
    'node',
    'churnwatch',
    'incidents',
    ...words,
    '--url',
    `http://127.0.0.1:${port}`,
  ]);
};
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => {
  process.exitCode = 0;
  server.close();
});

it('lists what very many customers fail at, and what is over', async () => {
  await run('--open');
  expect(asked.at(-1)).toBe('/v1/incidents?state=open');
  expect(said[1]).toMatch(/^2026-03-10 10:00:00 {2}open +login_failed, crash {2}5\.2\.0 × baidu {2}60 +600 +i2$/);
  expect(said[2]).toMatch(/2026-03-10 12:00:00 .* 40 +i1$/);
});

it('tells of one whom it hit and who came back', async () => {
  await run('i1');
  expect(said).toContain('Found by 20 failing of 50 customers there (40 %); usual is 1.2 %.');
  expect(said).toContain('Since it ended 45 of them have come back, 15 have not.');
  expect(said.at(-1)).toBe('2026-03-10 11:55:00  not yet              0      bea\uFFFD[2J');
});

it('says so when there is none of this id', async () => {
  await run('nothing');
  expect(said).toEqual(['There is no incident of this id.']);
  expect(process.exitCode).toBe(1);
});
