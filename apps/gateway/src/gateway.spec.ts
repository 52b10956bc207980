import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  alertsAnswer,
  customerAnswer,
  deadLettersAnswer,
  overviewAnswer,
  packAnswer,
  problem,
  topics,
} from '#contracts';
import type { AdmitAnswer, AlertsAnswer, Problem } from '#contracts';
import type { Alert, CustomerId, Pack } from '#domain';
import { alertId, ChurnError, customerId, epochMs, neverRaised, ruleId, tenantId } from '#domain';
import type {
  AlertQuery,
  AlertView,
  CustomerView,
  DeadLetter,
  DeadLetters,
  Observation,
  Overview,
  Views,
} from '#pipeline';
import { CLOCK, DEAD_LETTERS, EVENT_LOG, OBSERVER, PACK, VIEWS } from '#pipeline';
import { MemoryLog } from '#pipeline/testing';
import { configureGateway, gatewayAdapter } from './configure-gateway.js';
import { gatewaySettings } from './gateway-settings.js';
import { GatewayModule } from './gateway.module.js';

const now = epochMs(Date.UTC(2026, 2, 1, 12));
const tenant = tenantId('default');
const text = { en: 'Silent regular', zh: '常客失联' };

const anAlert = (n: number, customer = 'ada'): Alert => ({
  id: alertId(`a${n}`),
  tenant,
  customer: customerId(customer),
  rule: ruleId('silent'),
  ruleVersion: 'v1',
  episode: n,
  severity: 'high',
  reason: 'gone-silent',
  title: text,
  text,
  playbook: { id: 'call', title: text, action: text, owner: 'care', dueAt: epochMs(now + n) },
  evidence: { days_silent: 21, usual_gap: null },
  becameDueAt: epochMs(now - n),
  detectedAt: epochMs(now - n),
});

const pack: Pack = {
  name: 'app',
  version: 'p1',
  title: text,
  signals: [{ name: 'days_silent', kind: 'silence', unit: 'd', description: text, events: ['app_open'] }],
  rules: [
    {
      id: ruleId('silent'),
      version: 'v1',
      title: text,
      owner: 'care',
      severity: 'high',
      reason: 'gone-silent',
      playbook: 'call',
      guard: { kind: 'always', value: true },
      enter: { kind: 'always', value: false },
      exit: { kind: 'always', value: true },
      policy: { pendingMs: 0, recoverMs: 0, cooldownMs: 86_400_000 },
      evidence: ['days_silent'],
      text,
    },
  ],
  playbooks: [{ id: 'call', title: text, action: text, owner: 'care', dueWithinMs: 3_600_000 }],
};

/** Answers from lists, with the order and paging that the port promises. */
class ListedViews implements Views {
  alertList: AlertView[] = [];
  away = false;
  readonly known = new Map<CustomerId, CustomerView>();

  async customer(_tenant: unknown, customer: CustomerId): Promise<CustomerView | null> {
    if (this.away) throw new ChurnError('STORE_UNAVAILABLE', 'the store does not answer', { retryable: true });
    return this.known.get(customer) ?? null;
  }
  async alerts(_tenant: unknown, { customer, rule, before, limit }: AlertQuery): Promise<readonly AlertView[]> {
    return this.alertList
      .filter(({ alert }) => customer === undefined || alert.customer === customer)
      .filter(({ alert }) => rule === undefined || alert.rule === rule)
      .filter(({ alert }) => before === undefined || alert.detectedAt < before.detectedAt)
      .slice(0, limit);
  }
  async overview(): Promise<Overview> {
    return {
      asOf: now,
      customers: 1,
      events: 2,
      deadLetters: 1,
      rules: [{ rule: ruleId('silent'), pending: 0, raised: 1, firedTotal: 1, clearedTotal: 0 }],
      deliveries: [{ channel: 'email', state: 'delivered', count: 1 }],
      eventsPerDay: [{ day: '2026-03-01', count: 2, customers: 1 }],
      latestTransitions: [],
    };
  }
  async deadLetterCounts() {
    return [{ reason: 'malformed', count: 1 }];
  }
}

class ListedDeadLetters implements DeadLetters {
  letters: DeadLetter[] = [];
  async bury(letters: readonly DeadLetter[]): Promise<void> {
    this.letters.push(...letters);
  }
  async list(limit: number): Promise<readonly DeadLetter[]> {
    return this.letters.slice(0, limit);
  }
}

const log = new MemoryLog();
const views = new ListedViews();
const deadLetters = new ListedDeadLetters();
const seen: Observation[] = [];

@Module({
  providers: [
    { provide: EVENT_LOG, useValue: log },
    { provide: VIEWS, useValue: views },
    { provide: DEAD_LETTERS, useValue: deadLetters },
    { provide: CLOCK, useValue: { now: () => now } },
    { provide: OBSERVER, useValue: (observation: Observation) => seen.push(observation) },
    { provide: PACK, useValue: pack },
  ],
  exports: [EVENT_LOG, VIEWS, DEAD_LETTERS, CLOCK, OBSERVER, PACK],
})
class Ports {}

let app: NestFastifyApplication;
let base: string;
/** Every route of our controllers, as Fastify came to know of it. */
const routes: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'gateway-'));

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<title>Console</title>');
  writeFileSync(join(folder, 'LOG_UNAVAILABLE.md'), '# LOG_UNAVAILABLE\n');
  const settings = gatewaySettings({ maxBodyBytes: 20_000, maxItems: 100, consoleDir: folder, errorPagesDir: folder });
  // The service's own report of faults is not what is tested here.
  Logger.overrideLogger(false);
  app = await NestFactory.create<NestFastifyApplication>(GatewayModule.with(settings, [Ports]), gatewayAdapter());
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', ({ method, url }) => {
    const ours = /^\/(v1\/|version|asyncapi|errors)/.test(url);
    if (ours && method !== 'HEAD') routes.push(`${String(method).toLowerCase()} ${url}`);
  });
  configureGateway(app);
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

async function post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(base + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { response, status: response.status, body: (await response.json()) as AdmitAnswer & Problem };
}
async function get<T>(path: string) {
  const response = await fetch(base + path);
  return { response, status: response.status, body: (await response.json()) as T };
}

const event = (id: string, over: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'app',
  type: 'app_open',
  subject: 'ada',
  time: '2026-03-01T11:00:00Z',
  ...over,
});
const written = (topic: { readonly name: string }) =>
  log.written(topic.name).map(({ value }) => JSON.parse(Buffer.from(value!).toString()) as Record<string, unknown>);
const lastWritten = (topic: { readonly name: string }) => written(topic).at(-1)!;

describe('POST /v1/events', () => {
  it('takes one structured event and has it in the log when it answers', async () => {
    const { status, body } = await post('/v1/events', JSON.stringify(event('s1')), {
      'content-type': 'application/cloudevents+json; charset=utf-8',
    });
    expect([status, body]).toEqual([
      202,
      { accepted: 1, rejected: 0, items: [{ index: 0, id: 's1', outcome: 'accepted' }] },
    ]);
    expect(lastWritten(topics.activity)).toMatchObject({ id: 's1', subject: 'ada', tenant: 'default' });
  });

  it('takes a batch in part and tells of each item', async () => {
    const batch = [
      event('b1'),
      event('b2', { type: 'app_opne' }),
      event('b3', { type: 'order', data: { amount: 3 } }),
      7,
    ];
    const { status, body } = await post('/v1/events', JSON.stringify(batch), {
      'content-type': 'application/cloudevents-batch+json',
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 2, rejected: 2 });
    expect(body.items![1]).toEqual({
      index: 1,
      id: 'b2',
      outcome: 'rejected',
      reason: 'unknown-type',
      detail: 'type "app_opne" is not known: did you mean "app_open"?',
    });
    expect(body.items![3]).toMatchObject({ index: 3, id: null, reason: 'malformed' });
    expect(lastWritten(topics.transaction)).toMatchObject({ id: 'b3', data: { amount: 3 } });
    expect(seen).toContainEqual({ kind: 'rejected', reason: 'unknown-type', count: 1, by: 'gateway' });
  });

  it('takes a binary event, its attributes percent-encoded in the headers', async () => {
    const { status } = await post('/v1/events', '{"amount":12.5}', {
      'ce-specversion': '1.0',
      'ce-id': 'bin1',
      'ce-source': 'app',
      'ce-type': 'purchase',
      'ce-subject': encodeURIComponent('客户 1'),
    });
    expect(status).toBe(202);
    expect(lastWritten(topics.transaction)).toMatchObject({ id: 'bin1', subject: '客户 1', type: 'order' });
  });

  it('recognises Segment’s shape', async () => {
    const call = {
      type: 'track',
      messageId: 'm1',
      userId: 'ada',
      event: 'Order Completed',
      properties: { revenue: '9.5' },
    };
    expect((await post('/v1/events', JSON.stringify(call))).body.items).toEqual([
      { index: 0, id: 'm1', outcome: 'accepted' },
    ]);
    expect(lastWritten(topics.transaction)).toMatchObject({ id: 'm1', type: 'order', data: { amount: 9.5 } });
    const batch = {
      batch: [
        { type: 'page', messageId: 'm2', userId: 'ada' },
        { type: 'group', messageId: 'm3' },
      ],
    };
    const { body } = await post('/v1/events', JSON.stringify(batch));
    expect(body.items).toMatchObject([
      { id: 'm2', outcome: 'accepted' },
      { id: 'm3', reason: 'unknown-type' },
    ]);
  });

  it('never lets a request name its own tenant or time of receipt', async () => {
    await post('/v1/events', JSON.stringify(event('t1', { tenant: 'other', receivedtime: '2020-01-01T00:00:00Z' })));
    expect(lastWritten(topics.activity)).toMatchObject({ tenant: 'default', receivedtime: '2026-03-01T12:00:00.000Z' });
  });

  it('answers 422 with the outcomes when nothing was accepted', async () => {
    const { response, status, body } = await post(
      '/v1/events',
      JSON.stringify([event('', {}), event('x', { time: 'now' })]),
    );
    expect(status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problem.parse(body)).toMatchObject({ status: 422, accepted: 0, rejected: 2, instance: '/v1/events' });
    expect(body.items).toMatchObject([
      { reason: 'invalid', id: null },
      { reason: 'invalid', id: 'x' },
    ]);
  });

  it('answers 503 with Retry-After while the log is away, and takes the same request afterwards', async () => {
    log.down.add(topics.activity.name);
    const away = await post('/v1/events', JSON.stringify(event('r1')));
    expect([away.status, away.response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(problem.parse(away.body)).toMatchObject({ code: 'LOG_UNAVAILABLE', type: '/errors/LOG_UNAVAILABLE' });
    expect(written(topics.activity).some(({ id }) => id === 'r1')).toBe(false);
    log.down.clear();
    expect((await post('/v1/events', JSON.stringify(event('r1')))).status).toBe(202);
  });

  it.each([
    ['text that is no JSON', '{"id":', {}, 400],
    ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe), {}, 400],
    ['no body', '', {}, 400],
    ['an empty list', '[]', {}, 400],
    ['more items than are taken', JSON.stringify(Array.from({ length: 101 }, () => 1)), {}, 400],
    ['a list sent as one event', '[]', { 'content-type': 'application/cloudevents+json' }, 400],
    ['one event sent as a batch', '{}', { 'content-type': 'application/cloudevents-batch+json' }, 400],
    ['a body beyond the limit', JSON.stringify(event('big', { data: { note: 'n'.repeat(30_000) } })), {}, 413],
    ['XML', '<event/>', { 'content-type': 'application/xml' }, 415],
    ['a form', 'id=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a null', 'null', {}, 422],
    ['nesting without end', '['.repeat(9_000) + ']'.repeat(9_000), {}, 422],
    [
      'deep attributes',
      JSON.stringify(event('d')).replace('}', `,"data":${'{"a":'.repeat(99)}1${'}'.repeat(99)}}`),
      {},
      422,
    ],
  ])('refuses %s as a problem', async (_what, body, headers, expected) => {
    const answer = await post('/v1/events', body, headers);
    expect(answer.status).toBe(expected);
    expect(answer.response.headers.get('content-type')).toContain('application/problem+json');
    expect(problem.parse(answer.body).status).toBe(expected);
  });
});

describe('Segment’s paths', () => {
  it.each([
    [
      'track',
      { event: 'Application Opened', context: { os: { name: 'iOS' }, app: { version: '2.1' } } },
      topics.activity,
      'app_open',
    ],
    ['identify', { traits: { plan: 'gold' } }, topics.feedback, 'profile_updated'],
    ['page', { name: 'Prices' }, topics.activity, 'page_view'],
    ['screen', { name: 'Home' }, topics.activity, 'page_view'],
  ])('/v1/%s is mapped', async (path, call, topic, type) => {
    const { status } = await post(`/v1/${path}`, JSON.stringify({ messageId: `seg-${path}`, userId: 'ada', ...call }));
    expect(status).toBe(202);
    expect(lastWritten(topic)).toMatchObject({ id: `seg-${path}`, type, subject: 'ada', source: 'segment' });
  });

  it('/v1/batch places events by the span before they were sent, whatever the phone’s clock says', async () => {
    const call = { type: 'track', messageId: 'late', userId: 'ada', event: 'login', timestamp: '2031-01-01T10:00:00Z' };
    await post('/v1/batch', JSON.stringify({ batch: [call], sentAt: '2031-01-01T11:30:00Z' }));
    expect(lastWritten(topics.activity)).toMatchObject({ id: 'late', time: '2026-03-01T10:30:00.000Z' });
  });

  it('takes text/plain, as browsers send it', async () => {
    const body = JSON.stringify({ messageId: 'plain', userId: 'ada' });
    expect((await post('/v1/page', body, { 'content-type': 'text/plain' })).status).toBe(202);
  });

  it('speaks of the caller’s fields when it refuses', async () => {
    const { status, body } = await post('/v1/track', JSON.stringify({ messageId: 'anon', event: 'login' }));
    expect(status).toBe(422);
    expect(body.items).toMatchObject([
      { detail: 'userId is missing: visitors who never named themselves are not followed' },
    ]);
  });
});

describe('reading', () => {
  it('shows one customer, however long and foreign the id', async () => {
    const id = '客'.repeat(200);
    views.known.set(customerId(id), {
      customer: customerId(id),
      asOf: now,
      firstSeenAt: epochMs(now - 1_000),
      lastSeenAt: now,
      windows: [{ day: '2026-03-01', type: 'app_open', count: 1, amount: 0 }],
      signals: { days_silent: 0 },
      flags: [{ rule: ruleId('silent'), verdict: 'ok', flag: neverRaised }],
      timeline: [{ at: now, kind: 'event', type: 'app_open', amount: null, detail: {} }],
    });
    const { status, body } = await get(`/v1/customers/${encodeURIComponent(id)}`);
    expect(status).toBe(200);
    expect(customerAnswer.parse(body)).toMatchObject({ customer: id, asOf: '2026-03-01T12:00:00.000Z' });
    expect(customerAnswer.parse(body).flags).toMatchObject([{ state: 'clear', since: null }]);
  });

  it('answers 404 for a stranger and 503 while the store is away', async () => {
    expect(await get('/v1/customers/nobody')).toMatchObject({ status: 404, body: { title: 'Not Found' } });
    views.away = true;
    expect(await get('/v1/customers/ada')).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
    views.away = false;
  });

  it('pages through alerts without a gap or a repeat', async () => {
    views.alertList = [1, 2, 3, 4, 5].map((n) => ({ alert: anAlert(n), deliveries: [] }));
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
    views.alertList = [anAlert(1), anAlert(2, 'bob')].map((alert) => ({ alert, deliveries: [] }));
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

  it('shows the overview and the pack', async () => {
    expect(overviewAnswer.parse((await get('/v1/overview')).body)).toMatchObject({ customers: 1 });
    expect(packAnswer.parse((await get('/v1/pack')).body)).toMatchObject({
      rules: [{ id: 'silent', title: text, cooldownMs: 86_400_000 }],
      signals: [{ name: 'days_silent', unit: 'd', description: text }],
      playbooks: [{ id: 'call' }],
    });
  });

  it('shows dead letters, in base64 where they are no text', async () => {
    const letter = (id: string, value: Uint8Array): DeadLetter => ({
      id,
      reason: 'malformed',
      detail: 'the text is no JSON',
      topic: topics.activity.name,
      partition: 0,
      offset: 7,
      key: null,
      value,
      at: now,
    });
    await deadLetters.bury([letter('t/0/7', Buffer.from('{"id":')), letter('t/0/8', Buffer.from([0xff]))]);
    const { items, counts } = deadLettersAnswer.parse((await get('/v1/dead-letters')).body);
    expect(items).toMatchObject([
      { value: '{"id":', encoding: 'utf8' },
      { value: '/w==', encoding: 'base64' },
    ]);
    expect(counts).toEqual([{ reason: 'malformed', count: 1 }]);
  });
});

describe('about itself', () => {
  it('says its version', async () => {
    const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };
    expect((await get('/version')).body).toEqual({ name: 'churnwatch', version, pack: { name: 'app', version: 'p1' } });
  });

  it('serves the API’s description, its pages and the topics’', async () => {
    expect((await get('/docs-json')).body).toMatchObject({ openapi: '3.1.0', paths: { '/v1/events': {} } });
    const page = await (await fetch(`${base}/docs`)).text();
    expect(page).toContain('swagger-ui');
    expect(await (await fetch(`${base}/docs/swagger-ui-bundle.js`)).text()).toContain('SwaggerUIBundle');
    expect(await (await fetch(`${base}/asyncapi.yaml`)).text()).toMatch(/^asyncapi: 3/);
  });

  it('describes every route it has and has every route it describes', async () => {
    const { paths } = (await get<{ paths: Record<string, Record<string, unknown>> }>('/docs-json')).body;
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.replace('{id}', ':id')}`),
    );
    const undescribed = ['get /asyncapi.yaml', 'get /errors/:code'];
    expect([...described, ...undescribed].toSorted()).toEqual([...new Set(routes)].toSorted());
  });

  it('explains an error code, and only known ones', async () => {
    const page = await fetch(`${base}/errors/LOG_UNAVAILABLE`);
    expect([page.headers.get('content-type'), await page.text()]).toEqual([
      'text/markdown; charset=utf-8',
      '# LOG_UNAVAILABLE\n',
    ]);
    expect((await get('/errors/..%2Fpackage')).status).toBe(404);
  });

  it('serves the console at / and a problem for what is not there', async () => {
    const page = await fetch(`${base}/`);
    expect(await page.text()).toContain('Console');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await get('/v1/nothing')).toMatchObject({ status: 404, body: { instance: '/v1/nothing' } });
  });
});
