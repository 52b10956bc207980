import { Registry } from 'prom-client';
import { Health } from './health.js';
import { addProcessMetrics } from './metrics.js';
import type { OpsServer } from './ops.server.js';
import { startOpsServer } from './ops.server.js';

describe('the operations server', () => {
  const health = new Health();
  let storeIsUp = true;
  let server: OpsServer;
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

  beforeAll(async () => {
    health.add({ name: 'log', run: async () => {} });
    health.add({
      name: 'store',
      boundMs: 200,
      run: () => (storeIsUp ? Promise.resolve() : new Promise(() => {})),
    });
    const registry = new Registry();
    addProcessMetrics(registry);
    server = await startOpsServer('127.0.0.1', 0, { health, registry });
  });
  afterAll(() => server.close());

  it('is alive but neither started nor ready while the role starts', async () => {
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/startup')).status).toBe(503);
    expect((await get('/health/ready')).status).toBe(503);
  });

  it('is ready when every check passes', async () => {
    health.started();
    expect((await get('/health/startup')).status).toBe(200);
    const answer = await get('/health/ready');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: 'ok',
      checks: [
        { name: 'log', ok: true },
        { name: 'store', ok: true },
      ],
    });
  });

  it('names the check that hangs, and stays alive', async () => {
    storeIsUp = false;
    const answer = await get('/health/ready');
    expect(answer.status).toBe(503);
    expect(((await answer.json()) as { checks: unknown[] }).checks[1]).toEqual({
      name: 'store',
      ok: false,
      detail: 'no answer within 200 ms',
    });
    expect((await get('/health/live')).status).toBe(200);
    storeIsUp = true;
  });

  it('shows metrics in the Prometheus text format', async () => {
    const answer = await get('/metrics?x=1');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('process_cpu_seconds_total');
  });

  it('answers 404 for everything else, and to every other method', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(404);
    expect((await get('/metrics', { method: 'HEAD' })).status).toBe(200);
  });

  it('is not ready from the moment the process stops', async () => {
    health.stopping();
    const answer = await get('/health/ready');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('stopping');
  });

  it('says whose settings are wrong when the port is taken', async () => {
    const again = startOpsServer('127.0.0.1', server.port, { health, registry: new Registry() });
    await expect(again).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: /METRICS_PORT/ });
  });
});
