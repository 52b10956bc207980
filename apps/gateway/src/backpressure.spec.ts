import { connect } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { problem, topics } from '#contracts';
import { ChurnError } from '#domain';
import { waitUntil } from '../../../test/support/kafka-broker/wait-until.js';
import { RunningGateway } from './testing/running-gateway.js';

const boundMs = 20_000;
const gateway = new RunningGateway();
beforeAll(() => gateway.start());
afterAll(() => gateway.stop());

/** A request of 12,000 bytes and a little: two of them fit under the cap of 30,000, three do not. */
const aBody = (id: string): string =>
  JSON.stringify([
    {
      specversion: '1.0',
      id,
      source: 'app',
      type: 'app_open',
      subject: 'ada',
      time: '2026-03-01T11:00:00Z',
      data: { attributes: { note: 'n'.repeat(2_000) } },
    },
  ]).padEnd(12_000);
const send = (id: string, signal?: AbortSignal) =>
  fetch(`${gateway.base}/v1/events`, {
    method: 'POST',
    body: aBody(id),
    headers: { 'content-type': 'application/json' },
    ...(signal ? { signal } : {}),
  });

/** Appends wait until the answer is called. */
function holdTheLog(): { readonly waiting: () => number; readonly letGo: (failure?: Error) => void } {
  const real = gateway.log.append.bind(gateway.log);
  let letGo = (_failure?: Error): void => {};
  let waiting = 0;
  const held = new Promise<Error | undefined>((resolve) => (letGo = resolve));
  gateway.log.append = async (...args) => {
    waiting += 1;
    const failure = await held;
    if (failure !== undefined) throw failure;
    return real(...args);
  };
  return {
    waiting: () => waiting,
    letGo(failure) {
      gateway.log.append = real;
      letGo(failure);
    },
  };
}

describe('the intake under more than it can hand on', () => {
  it('tells senders to wait beyond its cap in bytes, and takes the same requests when there is room again', async () => {
    const log = holdTheLog();
    const under = [send('p1'), send('p2')];
    await waitUntil(() => log.waiting() === 2, boundMs, 'two requests under way');
    const refused = await send('p3');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(problem.parse(await refused.json())).toMatchObject({ status: 429, instance: '/v1/events' });
    // Reading goes on.
    expect((await fetch(`${gateway.base}/v1/overview`)).status).toBe(200);
    log.letGo();
    expect((await Promise.all(under)).map(({ status }) => status)).toEqual([202, 202]);
    expect((await send('p3')).status).toBe(202);
    const ids = gateway.written(topics.activity).map(({ id }) => id);
    expect(ids.filter((id) => /^p\d$/.test(String(id))).sort()).toEqual(['p1', 'p2', 'p3']);
  });

  it('makes room again after a failure', async () => {
    const log = holdTheLog();
    const under = [send('f1'), send('f2')];
    await waitUntil(() => log.waiting() === 2, boundMs, 'two requests under way');
    log.letGo(new ChurnError('LOG_UNAVAILABLE', 'the log is away', { retryable: true }));
    for (const answer of await Promise.all(under)) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    }
    expect((await Promise.all([send('f1'), send('f2')])).map(({ status }) => status)).toEqual([202, 202]);
  });

  it('still holds what nobody waits for any more, until it is handed on', async () => {
    const log = holdTheLog();
    const leaving = new AbortController();
    const left = [send('l1', leaving.signal), send('l2', leaving.signal)].map((sent) => sent.catch(() => 'left'));
    await waitUntil(() => log.waiting() === 2, boundMs, 'two requests under way');
    leaving.abort();
    expect(await Promise.all(left)).toEqual(['left', 'left']);
    expect((await send('l3')).status).toBe(429);
    log.letGo();
    await waitUntil(async () => (await send('l3')).status === 202, boundMs, 'room');
  });

  it('gives up on a body that does not arrive, says so, and makes room', async () => {
    const { hostname, port } = new URL(gateway.base);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    await once(socket, 'connect');
    const head =
      'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20000\r\n\r\n[';
    socket.write(head);
    await waitUntil(async () => (await send('s1')).status === 429, boundMs, 'the announced body to be counted');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 [^]*application\/problem\+json[^]*"status":408/);
    await waitUntil(async () => (await send('s1')).status === 202, boundMs, 'room');
  });

  it('counts a body of unknown length for the longest there may be', async () => {
    const log = holdTheLog();
    const first = send('c1');
    await waitUntil(() => log.waiting() === 1, boundMs, 'one request under way');
    const chunked = (): Promise<Response> =>
      fetch(`${gateway.base}/v1/events`, {
        method: 'POST',
        body: new Blob([aBody('c2')]).stream(),
        headers: { 'content-type': 'application/json' },
        duplex: 'half',
      } as RequestInit);
    expect((await chunked()).status).toBe(429);
    log.letGo();
    expect((await first).status).toBe(202);
    expect((await chunked()).status).toBe(202);
  });

  it('takes one request alone, however large', async () => {
    const body = JSON.stringify([]).padEnd(19_000);
    const answer = await fetch(`${gateway.base}/v1/events`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
  });
});
