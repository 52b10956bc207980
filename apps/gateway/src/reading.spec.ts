import { createRequire } from 'node:module';
import { alertsAnswer, customerAnswer, explanationAnswer, overviewAnswer, packAnswer, stagesAnswer } from '#contracts';
import type { AlertsAnswer, Problem } from '#contracts';
import { customerId, epochMs, neverRaised, ruleId } from '#domain';
import { anAlert, now, pack, RunningGateway, text } from './testing/running-gateway.js';

const gateway = new RunningGateway();
const get = <T>(path: string) => gateway.get<T>(path);
beforeAll(() => gateway.start());
afterAll(() => gateway.stop());

describe('reading', () => {
  it('shows one customer, however long and foreign the id', async () => {
    const id = '客'.repeat(200);
    gateway.views.known.set(customerId(id), {
      customer: customerId(id),
      asOf: now,
      firstSeenAt: epochMs(now - 1_000),
      lastSeenAt: now,
      windows: [{ day: '2026-03-01', type: 'app_open', count: 1, amount: 0 }],
      signals: { days_silent: 0 },
      stage: 'returned',
      stageSince: now,
      usualGapDays: 4.2,
      value: { asOf: now, recency: 5, frequency: 2, monetary: 3, tier: 'B', activeDays: 12, spend: 99.5 },
      flags: [{ rule: ruleId('silent'), isMuted: false, verdict: 'ok', flag: neverRaised }],
      timeline: [{ at: now, kind: 'event', type: 'app_open', amount: null, detail: {} }],
    });
    const { status, body } = await get(`/v1/customers/${encodeURIComponent(id)}`);
    expect(status).toBe(200);
    expect(customerAnswer.parse(body)).toMatchObject({ customer: id, asOf: '2026-03-01T12:00:00.000Z' });
    expect(customerAnswer.parse(body)).toMatchObject({
      lifecycle: { stage: 'returned', since: '2026-03-01T12:00:00.000Z', usualGapDays: 4.2 },
      value: { tier: 'B', recency: 5, frequency: 2, monetary: 3, spend: 99.5 },
    });
    expect(customerAnswer.parse(body).flags).toMatchObject([{ state: 'clear', since: null }]);
  });

  it('answers 404 for a stranger and 503 while the store is away', async () => {
    expect(await get('/v1/customers/nobody')).toMatchObject({ status: 404, body: { title: 'Not Found' } });
    gateway.views.away = true;
    expect(await get('/v1/customers/ada')).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
    gateway.views.away = false;
  });

  it('pages through alerts without a gap or a repeat', async () => {
    gateway.views.alertList = [1, 2, 3, 4, 5].map((n) => ({ alert: anAlert(n), deliveries: [] }));
    const ids: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 9; pages++) {
      const suffix: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await get<AlertsAnswer>(`/v1/alerts?limit=2${suffix}`);
      ids.push(...alertsAnswer.parse(body).items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect(ids).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
  });

  it('narrows alerts by customer and rule', async () => {
    gateway.views.alertList = [anAlert(1), anAlert(2, 'bob')].map((alert) => ({ alert, deliveries: [] }));
    const { body } = await get<AlertsAnswer>('/v1/alerts?customer=bob&rule=silent');
    expect(body.items.map(({ customer }) => customer)).toEqual(['bob']);
  });

  it.each(['limit=0', 'limit=201', 'limit=many', 'cursor=nonsense', 'custmer=ada', 'customer='])(
    'refuses alerts?%s',
    async (query) => {
      const { status, body } = await get<Problem>(`/v1/alerts?${query}`);
      expect([status, body.instance]).toEqual([400, '/v1/alerts']);
      expect(body.detail).toContain(query.split('=')[0]);
    },
  );

  it('explains an alert by the rule that raised it, and says when it cannot', async () => {
    gateway.views.alertList = [{ alert: anAlert(1), deliveries: [] }];
    const path = '/v1/alerts/a1/explanation';
    expect(await get('/v1/alerts/none/explanation')).toMatchObject({
      status: 404,
      body: { detail: 'There is no alert of this id.' },
    });
    expect(await get(path)).toMatchObject({ status: 404, body: { detail: expect.stringContaining('not been kept') } });
    await gateway.rules.keep(pack, now);
    expect(explanationAnswer.parse((await get(path)).body)).toMatchObject({
      alert: { id: 'a1' },
      verdict: 'ok',
      enter: { text: 'false', holds: false },
      evidence: [{ signal: 'days_silent', told: 21, found: 21 }],
      agrees: false,
    });
  });

  it('counts the customers in each stage', async () => {
    expect(stagesAnswer.parse((await get('/v1/stages')).body)).toEqual({
      stages: [{ stage: 'dormant', customers: 3 }],
    });
  });

  it('shows the overview and the pack', async () => {
    expect(overviewAnswer.parse((await get('/v1/overview')).body)).toMatchObject({ customers: 1 });
    expect(packAnswer.parse((await get('/v1/pack')).body)).toMatchObject({
      rules: [{ id: 'silent', title: text, cooldownMs: 86_400_000 }],
      signals: [{ name: 'days_silent', unit: 'd', description: text }],
      playbooks: [{ id: 'call' }],
      reasons: [{ code: 'gone-silent', kind: 'behaviour', title: text }],
    });
  });
});

describe('about itself', () => {
  it('says its version', async () => {
    const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };
    expect((await get('/version')).body).toEqual({ name: 'churnwatch', version, pack: { name: 'app', version: 'p1' } });
  });

  it('serves the API’s description, its pages and the topics’', async () => {
    expect((await get('/docs-json')).body).toMatchObject({ openapi: '3.1.0', paths: { '/v1/events': {} } });
    const page = await (await fetch(`${gateway.base}/docs`)).text();
    expect(page).toContain('swagger-ui');
    expect(await (await fetch(`${gateway.base}/docs/swagger-ui-bundle.js`)).text()).toContain('SwaggerUIBundle');
    expect(await (await fetch(`${gateway.base}/asyncapi.yaml`)).text()).toMatch(/^asyncapi: 3/);
  });

  it('describes every route it has and has every route it describes', async () => {
    const { paths } = (await get<{ paths: Record<string, Record<string, unknown>> }>('/docs-json')).body;
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const undescribed = ['get /asyncapi.yaml', 'get /errors/:code'];
    expect([...described, ...undescribed].toSorted()).toEqual([...new Set(gateway.routes)].toSorted());
  });

  it('explains an error code, and only known ones', async () => {
    const page = await fetch(`${gateway.base}/errors/LOG_UNAVAILABLE`);
    expect([page.headers.get('content-type'), await page.text()]).toEqual([
      'text/markdown; charset=utf-8',
      '# LOG_UNAVAILABLE\n',
    ]);
    expect((await get('/errors/..%2Fpackage')).status).toBe(404);
  });

  it('serves the console at / and a problem for what is not there', async () => {
    const page = await fetch(`${gateway.base}/`);
    expect(await page.text()).toContain('Console');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await get('/v1/nothing')).toMatchObject({ status: 404, body: { instance: '/v1/nothing' } });
  });
});
