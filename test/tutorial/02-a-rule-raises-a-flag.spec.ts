import { SECOND } from '#domain';
import { ago, Chapter, until } from './manual.js';

// Chapter 2. A rule is a few lines of YAML in a pack (packs/app/rules.yaml): when it applies (`guard`), when its flag goes
// up (`enter`) and when it comes down (`exit`), over signals such as "crashes in the last 24 hours". Between the two
// thresholds nothing changes, so that a number dancing around one of them does not call anybody twice.
//
//   - id: crash-spike
//     enter: crashes_24h >= 3.0
//     exit: crashes_24h < 1.0
describe('2. A rule raises a flag', () => {
  let manual: Chapter;
  beforeAll(async () => {
    manual = await Chapter.begin();
  }, 60_000);
  afterAll(() => manual?.end());

  const crash = (secondsAgo: number) => ({ type: 'crash', subject: 'ada', time: ago(secondsAgo * SECOND) });

  it('stays down while the condition does not hold', async () => {
    await manual.tell(crash(30), crash(20));
    await until('two crashes', async () => (await manual.customer('ada'))?.signals['crashes_24h'] === 2);
    await manual.decided();
    expect(await manual.flag('ada', 'crash-spike')).toMatchObject({ state: 'clear', verdict: 'between', since: null });
  });

  // Dated from the crash, unless that one came late: what has been looked at already is not decided anew.
  it('goes up with the event that meets the condition', async () => {
    const third = crash(10);
    await manual.tell(third);
    const flag = await until('the flag', async () => {
      const now = await manual.flag('ada', 'crash-spike');
      return now?.state === 'firing' ? now : null;
    });
    expect(flag).toMatchObject({ verdict: 'breach', episode: 1 });
    expect(flag.since! >= third.time && flag.since! <= ago(0)).toBe(true);
  });

  // Why, in numbers and in the reader's language; what to do about it, whose task that is and until when.
  it('comes with an alert that a person can act on', async () => {
    const [alert] = await until('the alert', async () => {
      const alerts = await manual.alerts('ada');
      return alerts.length > 0 ? alerts : null;
    });
    expect(alert).toMatchObject({
      rule: 'crash-spike',
      severity: 'high',
      text: { en: 'Crashes in 24 hours: 3.', zh: '24 小时内闪退 3 次。' },
      playbook: { id: 'apologise-and-fix', owner: 'support@churnwatch.local' },
      evidence: { crashes_24h: 3 },
    });
  });

  // A flag that is up is up: more of the same is the same episode.
  it('says it once for one episode', async () => {
    await manual.tell(crash(5), crash(1));
    await until('five crashes', async () => (await manual.customer('ada'))?.signals['crashes_24h'] === 5);
    expect(await manual.alerts('ada')).toHaveLength(1);
    expect((await manual.customer('ada'))!.timeline.filter(({ kind }) => kind === 'transition')).toHaveLength(1);
  });
});
