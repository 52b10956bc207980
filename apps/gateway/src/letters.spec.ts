import { Buffer } from 'node:buffer';
import { deadLetterAnswer, deadLettersAnswer, replayManyAnswer, replayOutcome, topics } from '#contracts';
import type { DeadLettersAnswer, LetPassAnswer, Problem, ReplayManyAnswer, ReplayOutcome } from '#contracts';
import { epochMs, plus } from '#domain';
import type { DeadLetter } from '#pipeline';
import { now, RunningGateway } from './testing/running-gateway.js';

const topic = topics.activity.name;
let gateway: RunningGateway;
beforeEach(async () => {
  gateway = new RunningGateway();
  await gateway.start();
});
afterEach(() => gateway.stop());

const aLetter = (offset: number, value: object | string | Uint8Array, more: Partial<DeadLetter> = {}): DeadLetter => ({
  id: `${topic}/0/${offset}`,
  reason: 'unknown-type',
  detail: 'type "app_opne" is not known: did you mean "app_open"?',
  topic,
  partition: 0,
  epoch: 0,
  offset,
  key: 'ada',
  value: value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: { 'content-type': 'application/json' },
  at: epochMs(now - 3_600_000 + offset),
  seenAt: epochMs(now - 3_600_000 + offset),
  ...more,
});
const misspelt = (id: string, more: object = {}) => ({ id, source: 's', type: 'app_opne', subject: 'ada', ...more });
const pathOf = (offset: number) => `/v1/dead-letters/${encodeURIComponent(`${topic}/0/${offset}`)}`;
const ask = async <T>(path: string, body: unknown = '') => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await gateway.post(path, text);
  return { ...answer, body: answer.body as unknown as T };
};
const intake = () => gateway.written(topics.activity);

describe('the list of dead letters', () => {
  it('shows groups and letters, in base64 where they are no text, and never more than the beginning', async () => {
    const large = { reason: 'oversize', detail: 'too large' } as const;
    await gateway.deadLetters.bury([
      aLetter(1, '{"id":'),
      aLetter(2, Uint8Array.of(0xff)),
      aLetter(3, `x${'é'.repeat(5_000)}`, large),
    ]);
    const { groups, items, nextCursor } = deadLettersAnswer.parse((await gateway.get('/v1/dead-letters')).body);
    expect(groups).toMatchObject([
      { reason: 'unknown-type', topic, count: 2, replayed: 0 },
      { reason: 'oversize', count: 1 },
    ]);
    expect(items).toMatchObject([
      { offset: 3, encoding: 'utf8', bytes: 10_001 },
      { value: '/w==', encoding: 'base64', bytes: 1 },
      { value: '{"id":', encoding: 'utf8', replayed: null },
    ]);
    // The cut falls into the middle of a character.
    expect(items[0]!.value).toBe(`x${'é'.repeat(249)}`);
    expect(nextCursor).toBeNull();
  });

  it('is paged and narrowed', async () => {
    await gateway.deadLetters.bury([1, 2, 3, 4, 5].map((offset) => aLetter(offset, '')));
    await gateway.deadLetters.bury([aLetter(6, '', { reason: 'malformed', topic: 'elsewhere' })]);
    const offsets: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await gateway.get<DeadLettersAnswer>(`/v1/dead-letters?limit=2&reason=unknown-type${more}`);
      offsets.push(...body.items.map(({ offset }) => offset));
      cursor = body.nextCursor;
    }
    expect(offsets).toEqual([5, 4, 3, 2, 1]);
    const { body } = await gateway.get<DeadLettersAnswer>('/v1/dead-letters?topic=elsewhere');
    expect([body.items.length, body.groups.length]).toEqual([1, 1]);
  });

  it.each(['limit=0', 'reason=whatever', 'cursor=nonsense', 'raeson=malformed'])('refuses ?%s', async (query) => {
    const { status, body, response } = await gateway.get<Problem>(`/v1/dead-letters?${query}`);
    expect([status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect(body.detail).toContain(query.split('=')[0]);
  });

  it('is a page of its own for one letter: all of it, and what to do', async () => {
    await gateway.deadLetters.bury([aLetter(1, 'x'.repeat(9_000))]);
    const letter = deadLetterAnswer.parse((await gateway.get(pathOf(1))).body);
    expect(letter.value).toHaveLength(9_000);
    expect(letter.headers).toEqual({ 'content-type': 'application/json' });
    expect(letter.remedy).toMatch(/^Set `type`/);
    expect(await gateway.get(pathOf(2))).toMatchObject({ status: 404, body: { title: 'Not Found' } });
  });
});

describe('a replay', () => {
  it('sends a letter back as it was once it can be read, and says so the second time', async () => {
    await gateway.deadLetters.bury([aLetter(1, misspelt('e1', { type: 'app_open' }))]);
    const first = await ask<ReplayOutcome>(`${pathOf(1)}/replay`);
    expect([first.status, replayOutcome.parse(first.body)]).toEqual([
      200,
      {
        letter: `${topic}/0/1`,
        outcome: 'admitted',
        event: { source: 's', id: 'e1', type: 'app_open', customer: 'ada' },
      },
    ]);
    // It happened when its record arrived, and is received now.
    const at = new Date(now - 3_600_000 + 1).toISOString();
    expect(intake()).toMatchObject([{ id: 'e1', source: 's', time: at, receivedtime: '2026-03-01T12:00:00.000Z' }]);

    const second = await ask<ReplayOutcome>(`${pathOf(1)}/replay`, misspelt('e2', { type: 'app_open' }));
    const replayed = { at: '2026-03-01T12:00:00.000Z', source: 's', id: 'e1' };
    expect(replayOutcome.parse(second.body)).toMatchObject({ outcome: 'already-replayed', replayed });
    expect(intake()).toHaveLength(1);
    expect((await gateway.get(pathOf(1))).body).toMatchObject({ replayed });
  });

  it('takes a corrected event in any shape of the intake', async () => {
    await gateway.deadLetters.bury([aLetter(1, 'no JSON'), aLetter(2, 'no JSON')]);
    expect(await ask(`${pathOf(1)}/replay`, misspelt('e1', { type: 'login' }))).toMatchObject({ status: 200 });
    const call = { type: 'track', messageId: 'm1', userId: 'bob', event: 'Order Completed' };
    expect(await ask(`${pathOf(2)}/replay`, call)).toMatchObject({ status: 200 });
    expect(intake()).toMatchObject([{ id: 'e1', type: 'login' }]);
    expect(gateway.written(topics.transaction)).toMatchObject([{ id: 'm1', subject: 'bob', type: 'order' }]);
  });

  it('says why a letter is still refused, and leaves it', async () => {
    await gateway.deadLetters.bury([aLetter(1, misspelt('e1'))]);
    const { status, body } = await ask<Problem>(`${pathOf(1)}/replay`);
    expect([status, body.items]).toMatchObject([422, [{ outcome: 'rejected', reason: 'unknown-type' }]]);
    const other = await ask<Problem>(
      `${pathOf(1)}/replay`,
      misspelt('e1', { type: 'login', time: '1970-01-01T00:00:00Z' }),
    );
    expect([other.status, other.body.items]).toMatchObject([422, [{ reason: 'too-old' }]]);
    expect(intake()).toEqual([]);
    expect((await gateway.get(pathOf(1))).body).toMatchObject({ replayed: null });
  });

  it('judges too old and too early by now', async () => {
    const at = plus(now, 600_000);
    const early = aLetter(1, misspelt('e1', { type: 'login', time: new Date(at).toISOString() }));
    await gateway.deadLetters.bury([early]);
    expect(await ask(`${pathOf(1)}/replay`)).toMatchObject({
      status: 422,
      body: { items: [{ reason: 'from-future' }] },
    });
  });

  it('only says what would happen when asked to', async () => {
    await gateway.deadLetters.bury([aLetter(1, misspelt('e1', { type: 'login' }))]);
    expect(await ask(`${pathOf(1)}/replay?dryRun=true`)).toMatchObject({ status: 200, body: { outcome: 'admitted' } });
    expect(intake()).toEqual([]);
    expect((await gateway.get(pathOf(1))).body).toMatchObject({ replayed: null });
  });

  it.each([
    ['nothing that is JSON', '{', 400],
    ['two events', [misspelt('a'), misspelt('b')], 400],
    ['no event', [], 400],
  ])('refuses %s as its body', async (_, body, status) => {
    await gateway.deadLetters.bury([aLetter(1, '')]);
    expect(await ask(`${pathOf(1)}/replay`, body)).toMatchObject({ status });
  });

  it('answers 404 for no letter, 503 while the log is away, and marks nothing then', async () => {
    expect(await ask(`${pathOf(9)}/replay`)).toMatchObject({ status: 404 });
    await gateway.deadLetters.bury([aLetter(1, misspelt('e1', { type: 'login' }))]);
    gateway.log.down.add(topic);
    expect(await ask(`${pathOf(1)}/replay`)).toMatchObject({ status: 503, body: { code: 'LOG_UNAVAILABLE' } });
    expect((await gateway.get(pathOf(1))).body).toMatchObject({ replayed: null });
  });

  it('can be repeated under the same source and id when the mark could not be set', async () => {
    await gateway.deadLetters.bury([aLetter(1, misspelt('e1', { type: 'login' }))]);
    gateway.deadLetters.down.add('markReplayed');
    expect(await ask(`${pathOf(1)}/replay`)).toMatchObject({ status: 503 });
    gateway.deadLetters.down.clear();
    expect(await ask(`${pathOf(1)}/replay`)).toMatchObject({ status: 200, body: { outcome: 'admitted' } });
    expect(intake().map(({ id, source, time }) => [id, source, time])).toEqual(
      Array.from({ length: 2 }, () => ['e1', 's', new Date(now - 3_600_000 + 1).toISOString()]),
    );
  });
});

describe('a replay of many', () => {
  it('mends letters alike, tells of each, and leaves out what was replayed', async () => {
    await gateway.deadLetters.bury([
      aLetter(1, misspelt('e1', { data: { total: 5 } })),
      aLetter(2, misspelt('e2', { subject: '' })),
      aLetter(3, misspelt('e3'), { reason: 'invalid' }),
    ]);
    const body = {
      reason: 'unknown-type',
      set: { type: 'app_open', 'data.platform': 'ios' },
      rename: { 'data.total': 'data.amount' },
    };
    const dry = await ask<ReplayManyAnswer>('/v1/dead-letters/replay', { ...body, dryRun: true });
    expect(replayManyAnswer.parse(dry.body)).toMatchObject({ dryRun: true, admitted: 1, refused: 1 });
    expect(intake()).toEqual([]);

    const done = await ask<ReplayManyAnswer>('/v1/dead-letters/replay', body);
    expect(replayManyAnswer.parse(done.body)).toEqual({ ...dry.body, dryRun: false });
    expect(done.body.items).toMatchObject([
      { letter: `${topic}/0/1`, outcome: 'admitted' },
      { letter: `${topic}/0/2`, outcome: 'refused', reason: 'invalid', detail: expect.stringContaining('subject') },
    ]);
    expect(intake()).toMatchObject([{ id: 'e1', type: 'app_open', data: { amount: 5, platform: 'ios' } }]);
    const again = await ask<ReplayManyAnswer>('/v1/dead-letters/replay', body);
    expect(again.body.items.map(({ letter }) => letter)).toEqual([`${topic}/0/2`]);
  });

  it('goes through all of a kind page by page', async () => {
    await gateway.deadLetters.bury([1, 2, 3, 4, 5].map((offset) => aLetter(offset, misspelt(`e${offset}`))));
    let cursor: string | null = '';
    while (cursor !== null) {
      const more: object = cursor === '' ? {} : { cursor };
      const request = { topic, set: { type: 'login' }, limit: 2, ...more };
      ({ nextCursor: cursor } = (await ask<ReplayManyAnswer>('/v1/dead-letters/replay', request)).body);
    }
    expect(
      intake()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['e1', 'e2', 'e3', 'e4', 'e5']);
  });

  it('tells of named letters also that they were replayed, and mends binary events too', async () => {
    const headers = { ce_specversion: '1.0', ce_id: 'b1', ce_source: 's', ce_type: 'app_opne', ce_subject: 'ada' };
    await gateway.deadLetters.bury([aLetter(1, '{"platform":"web"}', { headers })]);
    const request = { ids: [`${topic}/0/1`], set: { type: 'login' } };
    expect((await ask<ReplayManyAnswer>('/v1/dead-letters/replay', request)).body).toMatchObject({ admitted: 1 });
    expect(intake()).toMatchObject([{ id: 'b1', type: 'login', data: { platform: 'web' } }]);
    expect((await ask<ReplayManyAnswer>('/v1/dead-letters/replay', request)).body.items).toMatchObject([
      { outcome: 'already-replayed' },
    ]);
  });

  it.each<[string, object | string]>([
    ['neither reason, topic nor ids', {}],
    ['a reason there is none of', { reason: 'whatever' }],
    ['a member nobody knows', { topic: 't', dryrun: true }],
    ['a path into the prototype', '{"topic":"t","set":{"__proto__.polluted":1}}'],
    ['a path into the constructor', { topic: 't', rename: { id: 'constructor.prototype.polluted' } }],
    ['a path that is none', { topic: 't', set: { 'data..amount': 1 } }],
    ['more than is done at once', { topic: 't', limit: 501 }],
    ['a list', []],
    ['no JSON', 'x'],
  ])('refuses %s', async (_, body) => {
    expect(await ask<Problem>('/v1/dead-letters/replay', body)).toMatchObject({ status: 400 });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('an operator’s word for a partition that stands still', () => {
  it('is stored with the instant it was given', async () => {
    const asked = { topic, partition: 3, upToOffset: 25_000 };
    const { status, body } = await ask<LetPassAnswer>('/v1/dead-letters/let-pass', asked);
    expect([status, body]).toEqual([200, { ...asked, at: '2026-03-01T12:00:00.000Z' }]);
    expect(await gateway.deadLetters.passOf(topic, 3)).toEqual({ ...asked, at: now });
  });

  it.each([
    { topic: 'elsewhere', partition: 0, upToOffset: 1 },
    { topic, partition: -1, upToOffset: 1 },
    { topic, partition: 0 },
    { topic, partition: 0, upToOffset: 1.5 },
  ])('is refused: %j', async (asked) => {
    expect(await ask('/v1/dead-letters/let-pass', asked)).toMatchObject({ status: 400 });
  });
});
