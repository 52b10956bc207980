import { HOUR, SECOND } from '#domain';
import { ago, Chapter, until } from './manual.js';

// Chapter 3. Most customers leave without a word, so no event tells of it. For every customer Churnwatch knows the next
// instant at which a verdict changes if nothing more arrives, and looks then. Nobody's whole base is searched for that.
//
//   - id: complaint-open-too-long
//     enter: complaint_open_days > 3.0
//     exit: complaint_open_days <= 0.0
describe('3. Silence is noticed', () => {
  let manual: Chapter;
  let openedAt: number;
  beforeAll(async () => {
    manual = await Chapter.begin();
    // Three days will have passed in a few seconds.
    openedAt = Date.now() - 72 * HOUR + 10 * SECOND;
  }, 60_000);
  afterAll(() => manual?.end());

  const rule = 'complaint-open-too-long';

  it('waits while there is still time', async () => {
    const time = new Date(openedAt).toISOString();
    await manual.tell({ type: 'complaint_opened', subject: 'bea', time });
    const flag = await until('the customer', () => manual.flag('bea', rule));
    const { asOf } = (await manual.customer('bea'))!;
    expect(Date.parse(asOf)).toBeLessThan(openedAt + 72 * HOUR);
    expect(flag).toMatchObject({ state: 'clear', verdict: 'between' });
  });

  // No further event: the deadline itself raises the flag, dated to the millisecond after the three days.
  it('raises the flag when the deadline passes and nothing has come', async () => {
    const flag = await until('the flag', async () => {
      const now = await manual.flag('bea', rule);
      return now?.state === 'firing' ? now : null;
    });
    expect(Date.parse(flag.since!)).toBe(openedAt + 72 * HOUR + 1);
    const [alert] = await manual.alerts('bea');
    expect(alert?.text).toEqual({ en: 'A complaint has been open for 3 days.', zh: '投诉已 3 天未解决。' });
  });

  it('lowers it as soon as the customer is served', async () => {
    await manual.tell({ type: 'complaint_closed', subject: 'bea', time: ago(0) });
    const flag = await until('the flag to clear', async () => {
      const now = await manual.flag('bea', rule);
      return now?.state === 'clear' ? now : null;
    });
    expect(flag).toMatchObject({ verdict: 'ok', episode: 1 });
    expect(await manual.alerts('bea')).toHaveLength(1);
  });
});
