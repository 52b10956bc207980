import type { Evaluation, EventType, Pack, Verdict } from '#domain';
import { customerId, DAY, epochMs, ruleId, tenantId } from '#domain';
import type { CustomerHistory, HistoryStore } from '../ports/history-store.js';
import type { EvaluationRequest, Evaluator } from '../ports/evaluator.js';
import { aSilencePack } from '../testing/silence-evaluator.js';
import type { Label } from './label.js';
import { Fate, parseLabel } from './label.js';
import { compare, measure } from './measure.js';
import { proportion } from './proportion.js';

const tenant = tenantId('default');
/** A Monday. */
const begin = Date.UTC(2024, 0, 1);
const day = (days: number) => epochMs(begin + days * DAY);
const name = (text: string) => customerId(text);

/** Engaged on these days; the type asked for on those. */
const aHistory = (id: string, engagedDays: readonly number[], markedDays: readonly number[] = []): CustomerHistory => {
  const [engaged, marked] = [engagedDays.map(day), markedDays.map(day)];
  return { customer: name(id), engaged, marked, instants: [...engaged, ...marked].toSorted((a, b) => a - b) };
};

const storeOf = (histories: readonly CustomerHistory[]): HistoryStore => ({
  extent: async () => null,
  async *pages() {
    yield histories;
  },
});

/** Breaks the one rule of the pack on given days of a customer, and is well again a day later. */
class Script implements Evaluator {
  readonly pack: Pack = aSilencePack();

  constructor(private readonly breaches: Readonly<Record<string, readonly number[]>>) {}

  async evaluate(requests: readonly EvaluationRequest[]): Promise<readonly Evaluation[]> {
    return requests.map((request) => {
      const own = this.breaches[request.customer] ?? [];
      const turns = own.flatMap((at) => [day(at), day(at + 1)]);
      const next = turns.find((at) => at > request.asOf) ?? null;
      const isBroken = own.some((at) => request.asOf >= day(at) && request.asOf < day(at + 1));
      const verdict: Verdict = isBroken ? 'breach' : 'ok';
      const verdicts = new Map([[this.pack.rules[0]!.id, verdict]]);
      const stage = { stage: null, nextStageAt: null, usualGapDays: null };
      return { ...request, ...stage, verdicts, signals: {}, nextChangeAt: next, nextBreachAt: next };
    });
  }
}

const noActivity: Label = { kind: 'no-activity', horizonMs: 10 * DAY };
const measured = async (
  histories: readonly CustomerHistory[],
  breaches: Readonly<Record<string, readonly number[]>>,
  to: number,
  label: Label = noActivity,
  from = 0,
) => {
  const found = await measure({
    evaluator: new Script(breaches),
    histories: storeOf(histories),
    tenant,
    extent: { customers: histories.length, events: 1, firstAt: day(0), lastAt: day(to) },
    label,
    from: day(from),
    to: day(to),
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  return found!;
};

describe('a label', () => {
  it.each<[string, Label | string]>([
    ['no activity 30d', { kind: 'no-activity', horizonMs: 30 * DAY }],
    [' event app_remove 2w ', { kind: 'event', type: 'app_remove' as EventType, horizonMs: 14 * DAY }],
    ['event unsubscribed 30d', 'There is no event type "unsubscribed".'],
    ['no activity 0d', 'Write it like "no activity 30d" or "event app_remove 30d".'],
    ['silence', 'Write it like "no activity 30d" or "event app_remove 30d".'],
  ])('%s', (text, expected) => {
    expect(parseLabel(text)).toEqual(expected);
  });

  it('of no activity holds to the millisecond: the horizon’s last instant belongs to it', () => {
    const fate = new Fate(aHistory('ada', [0, 20]), noActivity, day(100));
    expect([day(9), day(10) - 1, day(10), day(20) - 1, day(20)].map((at) => fate.lapsesAfter(epochMs(at)))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(fate.isKnown(day(90))).toBe(true);
    expect(fate.isKnown(epochMs(day(90) + 1))).toBe(false);
    // Covered: raised after day -10 and up to day 5.
    expect(fate.lapses(day(0))).toEqual([
      { startedAt: day(0), completeAt: day(10), coveredFrom: day(-10), coveredTo: day(5) },
      { startedAt: day(20), completeAt: day(30), coveredFrom: day(10), coveredTo: day(25) },
    ]);
    expect(fate.lapses(day(1))).toHaveLength(1);
  });

  it('of an event looks for just that event', () => {
    const label: Label = { kind: 'event', type: 'app_remove', horizonMs: 10 * DAY };
    const fate = new Fate(aHistory('ada', [0, 50], [30]), label, day(100));
    expect([day(20) - 1, day(20), day(30) - 1, day(30)].map((at) => fate.lapsesAfter(epochMs(at)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(fate.leadMs(day(26))).toBe(4 * DAY);
    expect(fate.lapses(day(0))).toHaveLength(1);
  });
});

describe('the interval of a share', () => {
  it('is Wilson’s', () => {
    // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20.
    expect(proportion(81, 263)!.low).toBeCloseTo(0.2553, 4);
    expect(proportion(81, 263)!.high).toBeCloseTo(0.3662, 4);
    expect(proportion(15, 148)!.low).toBeCloseTo(0.0624, 4);
    expect(proportion(15, 148)!.high).toBeCloseTo(0.1605, 4);
    expect(proportion(0, 20)!.low).toBe(0);
    expect(proportion(0, 20)!.high).toBeCloseTo(0.1611, 4);
    expect(proportion(0, 0)).toBeNull();
  });
});

describe('measuring a rule', () => {
  const everyDay = Array.from({ length: 41 }, (_, at) => at);
  /** Ada leaves after day 10; Bea pauses from 10 to 25; Cem and Dan come every day, Dan from day 20 on. */
  const histories = [
    aHistory('ada', [0, 5, 10]),
    aHistory('bea', [0, 5, 10, 25, 30, 35, 40]),
    aHistory('cem', everyDay),
    aHistory(
      'dan',
      everyDay.filter((at) => at >= 20),
    ),
  ];
  /** Right about Ada (day 12) and Bea (8 is wrong, 13 is right); wrong about Cem; Dan's is too late to be judged. */
  const breaches = { ada: [12], bea: [8, 13], cem: [20], dan: [35] };

  it('counts what a patient person would count', async () => {
    const { rules, lapses, customers, customerDays, cutOffs, atRisk, baseRate } = await measured(
      histories,
      breaches,
      40,
    );
    const [rule] = rules;
    expect([customers, customerDays]).toEqual([4, 40 + 40 + 40 + 20]);
    // Ada and Bea after day 10. Nobody else was away for more than ten days.
    expect(lapses).toBe(2);
    // Days 0, 7, 14, 21, 28: later ones reach past day 40. Dan is there from day 21.
    expect(cutOffs).toBe(5);
    expect(atRisk).toBe(3 + 3 + 3 + 4 + 4);
    // Day 14: both are away until 24. Days 21 and 28: Ada only.
    expect(baseRate).toBeCloseTo((0 + 0 + 2 + 1 + 1) / 17);
    expect(rule).toMatchObject({
      rule: ruleId('silent'),
      alerts: 5,
      customers: 4,
      judged: 4,
      right: 2,
      lapses: 2,
      covered: 2,
      coverage: 1,
      alertsPerCustomer: 1.25,
      perDay: 5 / 40,
      busiest: { day: day(8), alerts: 1 },
    });
    expect(rule!.precision!.share).toBe(0.5);
    // Before 8, 12 and 13 lies day 7: nobody lapses. Before 20 lies 14: two of three.
    expect(rule!.baseRate).toBeCloseTo((0 + 0 + 0 + 2 / 3) / 4);
    expect(rule!.lift).toBeCloseTo(3);
    // Ada: 20 - 12 = 8. Bea: 20 - 13 = 7.
    expect(rule!.leadDays).toBe(7.5);
    // Ada's day 12 and Bea's day 8 are the first that cover: 8 and 12 days. Bea's day 13 comes within ten days of her first.
    expect([rule!.leadPerLapseDays, rule!.repeats]).toEqual([10, 1]);
    expect(rule!.per100CustomerDays).toBeCloseTo(500 / 140);
  });

  it('compares with those of equal frequency only', async () => {
    // Four of one day, four of eleven days; alerted at day 15, so before the cut-off of day 21.
    const often = Array.from({ length: 11 }, (_, at) => at + 10);
    const some = [
      aHistory('rare-1', [14]),
      aHistory('rare-2', [14]),
      aHistory('rare-3', [14, 28]),
      aHistory('rare-4', [14, 28]),
      aHistory('often-1', [...often, 28]),
      aHistory('often-2', [...often, 28]),
      aHistory('often-3', [...often, 28]),
      aHistory('often-4', often),
    ];
    // Among the rare: one who lapses. Among the often: one who stays.
    const { rules } = await measured(some, { 'rare-1': [15], 'often-1': [15] }, 31);
    // Rare: against 2 (lapses), 3 and 4 (stay): 0.5 + 1 + 1. Often: against 2 and 3 (stay), 4 (lapses): 0.5 + 0.5 + 0.
    expect(rules[0]!.withinFrequency).toEqual({ pairs: 6, share: 3.5 / 6, ofDecided: 2 / 3 });
  });

  it('knows the alerts of all rules, and the first for each customer', async () => {
    const { anyRule, firstAlert } = await measured(histories, breaches, 40);
    expect([anyRule.alerts, anyRule.judged, anyRule.right]).toEqual([5, 4, 2]);
    // Of Bea only day 8, which was wrong, though within ten days before her pause.
    expect([firstAlert.alerts, firstAlert.judged, firstAlert.right, firstAlert.covered]).toEqual([4, 3, 1, 2]);
  });

  it('leaves out what lies before the period, but lets flags begin with the customer', async () => {
    const { rules, lapses, customerDays } = await measured(histories, breaches, 40, noActivity, 13);
    expect([rules[0]!.alerts, lapses, customerDays]).toEqual([3, 0, 3 * 27 + 20]);
    expect(rules[0]!.coverage).toBeNull();
  });

  it('holds alerts against an event', async () => {
    const label: Label = { kind: 'event', type: 'app_remove', horizonMs: 10 * DAY };
    const some = [aHistory('ada', [0], [16]), aHistory('bea', everyDay, [12])];
    const { rules } = await measured(some, { ada: [5, 7], bea: [1] }, 40, label);
    // Day 5 is eleven days before, day 7 nine; Bea's is eleven before.
    expect(rules[0]).toMatchObject({ judged: 3, right: 1, lapses: 2, covered: 1, leadDays: 9 });
  });

  it('has no figures where there is nothing to have them from', async () => {
    const { rules } = await measured(histories, {}, 9);
    expect(rules[0]).toMatchObject({
      alerts: 0,
      precision: null,
      baseRate: null,
      lift: null,
      withinFrequency: null,
      coverage: null,
      leadDays: null,
      alertsPerCustomer: null,
      busiest: null,
    });
  });

  it('counts a lapse that no alert saw with a lead of nothing', async () => {
    const { rules } = await measured(histories, { ada: [12] }, 40);
    expect(rules[0]).toMatchObject({ lapses: 2, covered: 1, leadPerLapseDays: 4 });
  });

  it('knows whose work it is, by the day', async () => {
    const { teams } = await measured(histories, { ada: [12], bea: [12], cem: [12, 20], dan: [12] }, 40);
    // 41 days begin from day 0 to day 40; on two of them there is an alert, which is less than five of a hundred.
    expect(teams).toMatchObject([{ rules: ['silent'], alerts: 4, perDay: 4 / 41, onBusyDays: 0, most: 3 }]);
    const weekly = { cem: [3, 10, 17, 24, 31, 38] };
    expect((await measured(histories, weekly, 40)).teams).toMatchObject([{ alerts: 6, onBusyDays: 1, most: 1 }]);
  });

  const parts = (stop = new AbortController()) => ({
    evaluator: new Script(breaches),
    histories: storeOf(histories),
    tenant,
    extent: { customers: 4, events: 1, firstAt: day(0), lastAt: day(40) },
    label: noActivity,
    from: day(0),
    to: day(40),
    onProgress: (): void => {},
    signal: stop.signal,
  });

  it('tells a draft from what is in force: whom it would have been for, and when', async () => {
    const progress: number[] = [];
    const inForce = new Script({ ada: [12], bea: [13], cem: [19], dan: [35] });
    const found = (await compare({ ...parts(), inForce, onProgress: (done) => void progress.push(done) }))!;
    expect([found.draft.anyRule.alerts, found.inForce.anyRule.alerts]).toEqual([5, 4]);
    const rule = ruleId('silent');
    expect(found.difference).toEqual({
      alike: 3,
      rules: [{ rule, alike: 3, added: 2, dropped: 1 }],
      customers: [
        { customer: 'bea', added: [{ rule, at: day(8) }], dropped: [] },
        { customer: 'cem', added: [{ rule, at: day(20) }], dropped: [{ rule, at: day(19) }] },
      ],
    });
    expect(found.draft).toEqual(await measure(parts()));
    expect(progress.at(-1)).toBe(4);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('ends with nothing when it is stopped', async () => {
    const [stop, other] = [new AbortController(), new AbortController()];
    expect(await measure({ ...parts(stop), onProgress: () => stop.abort() })).toBeNull();
    const inForce = new Script({});
    expect(await compare({ ...parts(other), inForce, onProgress: () => other.abort() })).toBeNull();
  });
});
