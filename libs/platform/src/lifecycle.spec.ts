import { ChurnError } from '#domain';
import type { StartRole } from './lifecycle.js';
import { explainFailure, startRole } from './lifecycle.js';
import { createLog } from './logging.js';

const env = { METRICS_PORT: '0', DRAIN_MS: '400' };

function start(role: StartRole) {
  const lines: string[] = [];
  const log = createLog('tracker', 'info', { write: (line: string) => void lines.push(line) });
  const events = () => lines.map((line) => JSON.parse(line) as { event: string; stage?: string });
  return { events, running: startRole('tracker', role, { env, log }) };
}

describe('a role', () => {
  it('lets go in the house order, whatever order its steps were written in', async () => {
    const seen: string[] = [];
    const step = (name: string) => async () => void seen.push(name);
    const { running } = start(async () => ({
      'close-store': step('store'),
      'drain-courier': step('courier'),
      'stop-fetching': step('fetching'),
      'finish-batches': step('batches'),
      'close-producers': step('producers'),
    }));
    await (await running).stop();
    expect(seen).toEqual(['fetching', 'batches', 'courier', 'producers', 'store']);
  });

  it('is not ready any more before the first step runs', async () => {
    let status = 0;
    const role = await start(async ({ health }) => ({
      'stop-fetching': async () => {
        status = (await health.ready()).status === 'ok' ? 200 : 503;
      },
    })).running;
    const ready = await fetch(`http://127.0.0.1:${role.opsPort}/health/ready`);
    expect(ready.status).toBe(200);
    await role.stop();
    expect(status).toBe(503);
  });

  it('closes the store even if a batch hangs and the courier fails', async () => {
    let closed = 0;
    const { running, events } = start(async () => ({
      'finish-batches': () => new Promise(() => {}),
      'drain-courier': () => Promise.reject(new Error('no')),
      'close-store': async () => void closed++,
    }));
    await (await running).stop();
    expect(closed).toBe(1);
    expect(events().map(({ event, stage }) => (stage ? `${event} ${stage}` : event))).toEqual([
      'started',
      'stopping',
      'stop-stage-abandoned finish-batches',
      'stop-stage-failed drain-courier',
      'stopped',
    ]);
  });

  it('stops once, however often it is asked', async () => {
    let closed = 0;
    const role = await start(async () => ({ 'close-store': async () => void closed++ })).running;
    await Promise.all([role.stop(), role.stop()]);
    expect(closed).toBe(1);
  });

  it('frees its operations port when it cannot start', async () => {
    const { running } = start(() => Promise.reject(new ChurnError('STORE_UNAVAILABLE', 'nobody answers')));
    await expect(running).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('a failed start', () => {
  it('is explained with its code, its cause and the page that helps', () => {
    const text = explainFailure(
      'tracker',
      new ChurnError('LOG_UNAVAILABLE', 'no broker answered', { cause: new Error('ECONNREFUSED') }),
    );
    expect(text).toBe(
      'The tracker could not start. LOG_UNAVAILABLE: no broker answered\n' +
        'Because: ECONNREFUSED\nWhat to do: docs/errors/LOG_UNAVAILABLE.md',
    );
  });

  it('keeps the stack of what nobody foresaw', () => {
    expect(explainFailure('courier', new TypeError('x is not a function'))).toMatch(/nobody foresaw[\s\S]*at /);
  });
});
