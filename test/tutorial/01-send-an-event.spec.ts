import type { AdmitAnswer } from '#contracts';
import { DAY } from '#domain';
import { ago, Chapter, until } from './manual.js';

// Chapter 1. Events come in over HTTP as CloudEvents 1.0. Four things are asked of one: an `id` that its `source` never
// gives twice, a `type` from the list in docs/asyncapi.yaml, and a `subject`: the customer, under your own id.
// `time` is when it happened; left out, it happened as it arrived.
describe('1. Send an event', () => {
  let manual: Chapter;
  beforeAll(async () => {
    manual = await Chapter.begin();
  }, 60_000);
  afterAll(() => manual?.end());

  const opened = { specversion: '1.0', id: 'opened-1', source: 'manual', type: 'app_open', subject: 'ada' };

  // 202 is a promise: the event is written down, and a crash right after the answer does not lose it.
  it('is answered with 202 and the outcome of each event', async () => {
    const answer = await manual.post(opened);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({
      accepted: 1,
      rejected: 0,
      items: [{ index: 0, id: 'opened-1', outcome: 'accepted' }],
    });
  });

  it('shows on the customer’s page a moment later', async () => {
    const ada = await until('the customer', () => manual.customer('ada'));
    expect(ada.windows).toMatchObject([{ type: 'app_open', count: 1 }]);
    expect(ada.timeline).toMatchObject([{ kind: 'event', type: 'app_open' }]);
  });

  // A batch is a list. What is wrong with one event is said for that one, with the field and the fix; the others count.
  it('takes a batch, and refuses in it only what is wrong', async () => {
    const answer = await manual.post([
      { ...opened, id: 'opened-2' },
      { ...opened, id: 'opened-3', type: 'serch' },
    ]);
    expect(answer.status).toBe(202);
    const { items } = (await answer.json()) as AdmitAnswer;
    expect(items).toMatchObject([
      { id: 'opened-2', outcome: 'accepted' },
      { id: 'opened-3', outcome: 'rejected', reason: 'unknown-type' },
    ]);
    expect(items[1]).toMatchObject({ detail: 'type "serch" is not known: did you mean "search"?' });
  });

  // When something happened is its own `time`, not when you tell of it: history may come late and in any order.
  it('puts an event on the day it happened', async () => {
    const lastWeek = ago(7 * DAY);
    await manual.tell({ type: 'order', subject: 'ada', time: lastWeek, data: { amount: 19.9, currency: 'EUR' } });
    await until('the order', async () =>
      (await manual.customer('ada'))?.windows.some(
        ({ day, type, amount }) => type === 'order' && day === lastWeek.slice(0, 10) && amount === 19.9,
      ),
    );
    expect((await manual.customer('ada'))?.firstSeenAt).toBe(lastWeek);
  });
});
