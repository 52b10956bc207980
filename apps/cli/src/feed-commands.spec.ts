import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FeedsAnswer } from '#contracts';
import { churnwatch } from './program.js';

const answer: FeedsAnswer = {
  asOf: '2026-03-01T12:00:00.000Z',
  heldAt: '2026-03-01T11:00:00.000Z',
  vouchesFromPerHour: 20,
  items: [
    {
      source: 'urn:shop/app',
      eventsPerHour: 30.5,
      heardUpTo: '2026-03-01T11:00:00.000Z',
      lastArrivedAt: '2026-03-01T11:00:00.000Z',
      usualLagSeconds: 0.2,
      longestGapSeconds: 120,
      vouches: true,
      silentSince: '2026-03-01T11:00:00.000Z',
      holding: true,
    },
  ],
};
const asked: string[] = [];
const server = createServer(({ method, url }, response) => {
  asked.push(`${method} ${url}`);
  if (url === '/v1/feeds') response.end(JSON.stringify(answer));
  else response.writeHead(url?.includes('shop') ? 204 : 404).end();
});
const said: string[] = [];
const run = (...words: string[]): Promise<unknown> => {
  said.length = 0;
  const { port } = server.address() as AddressInfo;
  const terminal = { say: (line: string) => void said.push(line), bar: () => ({ advance: () => {}, end: () => {} }) };
  return churnwatch(terminal).parseAsync(['node', 'churnwatch', ...words, '--url', `http://127.0.0.1:${port}`]);
};
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => {
  process.exitCode = 0;
  server.close();
});

it('shows which feed holds absence back, and since when it is silent', async () => {
  await run('feeds');
  expect(said[1]).toBe('30.5         2026-03-01 11:00:00  yes, least far  2026-03-01 11:00:00  urn:shop/app');
  expect(said.at(-1)).toBe('Absence is decided up to 2026-03-01 11:00:00 at most.');
});

it('retires one, and says so when there is none', async () => {
  await run('feeds', '--retire', 'urn:shop/app');
  expect(asked.at(-1)).toBe('POST /v1/feeds/urn%3Ashop%2Fapp/retire');
  expect(said).toEqual(['urn:shop/app holds nothing back any more.']);
  await run('feeds', '--retire', 'nobody');
  expect(said).toEqual(['Nothing has been heard of nobody in the last 7 days.']);
  expect(process.exitCode).toBe(1);
});
