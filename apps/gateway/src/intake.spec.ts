import { problem, topics } from '#contracts';
import { RunningGateway } from './testing/running-gateway.js';

const gateway = new RunningGateway();
const post = gateway.post.bind(gateway);
beforeAll(() => gateway.start());
afterAll(() => gateway.stop());

const event = (id: string, over: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'app',
  type: 'app_open',
  subject: 'ada',
  time: '2026-03-01T11:00:00Z',
  ...over,
});

describe('POST /v1/events', () => {
  it('takes one structured event and has it in the log when it answers', async () => {
    const { status, body } = await post('/v1/events', JSON.stringify(event('s1')), {
      'content-type': 'application/cloudevents+json; charset=utf-8',
    });
    expect([status, body]).toEqual([
      202,
      { accepted: 1, rejected: 0, items: [{ index: 0, id: 's1', outcome: 'accepted' }] },
    ]);
    expect(gateway.lastWritten(topics.activity)).toMatchObject({ id: 's1', subject: 'ada', tenant: 'default' });
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
    expect(gateway.lastWritten(topics.transaction)).toMatchObject({ id: 'b3', data: { amount: 3 } });
    expect(gateway.seen).toContainEqual({ kind: 'rejected', reason: 'unknown-type', count: 1, by: 'gateway' });
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
    expect(gateway.lastWritten(topics.transaction)).toMatchObject({ id: 'bin1', subject: '客户 1', type: 'order' });
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
    expect(gateway.lastWritten(topics.transaction)).toMatchObject({ id: 'm1', type: 'order', data: { amount: 9.5 } });
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
    expect(gateway.lastWritten(topics.activity)).toMatchObject({
      tenant: 'default',
      receivedtime: '2026-03-01T12:00:00.000Z',
    });
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
    gateway.log.down.add(topics.activity.name);
    const away = await post('/v1/events', JSON.stringify(event('r1')));
    expect([away.status, away.response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(problem.parse(away.body)).toMatchObject({ code: 'LOG_UNAVAILABLE', type: '/errors/LOG_UNAVAILABLE' });
    expect(gateway.written(topics.activity).some(({ id }) => id === 'r1')).toBe(false);
    gateway.log.down.clear();
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
    ['a compressed body', 'x', { 'content-encoding': 'gzip' }, 415],
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
    expect(gateway.lastWritten(topic)).toMatchObject({ id: `seg-${path}`, type, subject: 'ada', source: 'segment' });
  });

  it('/v1/batch places events by the span before they were sent, whatever the phone’s clock says', async () => {
    const call = { type: 'track', messageId: 'late', userId: 'ada', event: 'login', timestamp: '2031-01-01T10:00:00Z' };
    await post('/v1/batch', JSON.stringify({ batch: [call], sentAt: '2031-01-01T11:30:00Z' }));
    expect(gateway.lastWritten(topics.activity)).toMatchObject({ id: 'late', time: '2026-03-01T10:30:00.000Z' });
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
