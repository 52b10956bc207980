import type { ActivityEvent } from '#domain';
import { DAY, epochMs, eventKinds, HOUR, tenantId } from '#domain';
import type { AppBaseOptions } from './app-plan.js';
import { simulate } from './app-base.js';
import type { CustomerTruth, Fate } from './ground-truth.js';

const startAt = epochMs(Date.UTC(2017, 0, 2));
const options: AppBaseOptions = { seed: 11, customers: 400, days: 60, startAt };

const fateOf = (truth: CustomerTruth, kind: Fate['kind']): Fate | undefined =>
  truth.fates.find((fate) => fate.kind === kind);

describe('the simulated app base', () => {
  const base = simulate(options);
  const events = [...base.events()];
  const byCustomer = new Map<string, ActivityEvent[]>();
  for (const event of events) {
    const own = byCustomer.get(event.customer);
    if (own) own.push(event);
    else byCustomer.set(event.customer, [event]);
  }
  const eventsOf = (truth: CustomerTruth): readonly ActivityEvent[] => byCustomer.get(truth.customer) ?? [];
  const those = (kind: Fate['kind']) =>
    base.truth.customers.flatMap((truth) => {
      const fate = fateOf(truth, kind);
      return fate ? [{ truth, fate, events: eventsOf(truth) }] : [];
    });

  it('has everybody, every kind of fate, and a count that is right', () => {
    expect(base.truth.customers).toHaveLength(400);
    const kinds = new Set(base.truth.customers.flatMap((truth) => truth.fates.map((fate) => fate.kind)));
    expect([...kinds].sort()).toEqual([
      'away',
      'complaint-closed',
      'complaint-left-open',
      'crash-discouraged',
      'crash-exposed',
      'fading-churn',
      'feed-outage',
      'joined',
      'login-trouble',
      'silent-churn',
      'spend-drop',
    ]);
    expect(base.total).toBe(events.length);
  });

  it('gives each rhythm its pace', () => {
    const sessions = (rhythm: string): number => {
      const calm = base.truth.customers.filter((truth) => truth.rhythm === rhythm && truth.fates.length === 0);
      const opened = calm.map((truth) => eventsOf(truth).filter((event) => event.type === 'session_start').length);
      return opened.reduce((a, b) => a + b, 0) / opened.length / 60;
    };
    const pace = ['several-daily', 'daily', 'few-weekly', 'weekly', 'fortnightly'].map(sessions);
    expect(pace[0]).toBeGreaterThan(2);
    expect(pace[1]).toBeCloseTo(1, 0);
    expect(pace[2]! * 7).toBeGreaterThan(2);
    expect(pace[2]! * 7).toBeLessThan(4.5);
    expect(Math.round(pace[3]! * 7)).toBe(1);
    expect(Math.round(pace[4]! * 14)).toBe(1);
  });

  it('lets new customers begin with an install and returners come back at their instant', () => {
    for (const { truth, fate, events: own } of those('joined')) {
      expect(own[0]!.occurredAt).toBe(fate.at);
      expect(own[0]!.type).toBe(truth.platform === 'web' ? 'session_start' : 'app_install');
    }
    for (const { fate, events: own } of those('away')) {
      const back = own.find((event) => event.occurredAt >= fate.at);
      expect(back!.occurredAt).toBe(fate.until);
    }
  });

  it('has fading customers come less before they stop', () => {
    let before = 0;
    let fading = 0;
    for (const { fate, truth, events: own } of those('fading-churn')) {
      if (truth.joinedAt >= startAt) continue;
      const rate = (from: number, until: number): number =>
        own.filter((event) => event.occurredAt >= from && event.occurredAt < until).length / (until - from);
      before += rate(startAt, fate.at);
      fading += rate((fate.at + fate.until!) / 2, fate.until!);
      expect(own.filter((event) => event.occurredAt >= fate.until!)).toEqual([]);
    }
    expect(fading / before).toBeLessThan(0.5);
  });

  it('has the bad version crash until its fix, and nothing else crash as much', () => {
    const crash = base.truth.crash!;
    const inSpan = (event: ActivityEvent) => event.occurredAt >= crash.from && event.occurredAt < crash.until;
    const bad = events.filter((e) => e.appVersion === crash.appVersion && e.platform === crash.platform);
    const perSession = (of: readonly ActivityEvent[]): number =>
      of.filter((e) => e.type === 'crash').length / of.filter((e) => e.type === 'session_start').length;
    expect(perSession(bad.filter(inSpan))).toBeGreaterThan(0.4);
    expect(perSession(bad.filter((event) => !inSpan(event)))).toBeLessThan(0.05);
    const users = new Set(bad.filter(inSpan).map((event) => event.customer));
    const exposed = new Set(those('crash-exposed').map(({ truth }) => truth.customer));
    expect([...users].filter((customer) => !exposed.has(customer))).toEqual([]);
  });

  it('has spend droppers pay a fraction, and login trouble fail logins', () => {
    const mean = (of: readonly ActivityEvent[]): number => of.reduce((sum, e) => sum + e.amount!, 0) / of.length;
    let ratios = 0;
    let judged = 0;
    for (const { fate, events: own } of those('spend-drop')) {
      const orders = own.filter((event) => event.type === 'order');
      const [early, late] = [
        orders.filter((e) => e.occurredAt < fate.at),
        orders.filter((e) => e.occurredAt >= fate.at),
      ];
      if (early.length < 2 || late.length < 2) continue;
      ratios += mean(late) / mean(early);
      judged++;
    }
    expect(judged).toBeGreaterThan(2);
    expect(ratios / judged).toBeLessThan(0.5);
    const failing = those('login-trouble').map(
      ({ fate, events: own }) =>
        own.filter((e) => e.type === 'login_failed' && e.occurredAt >= fate.at && e.occurredAt < fate.until!).length,
    );
    expect(Math.max(...failing)).toBeGreaterThan(3);
  });

  it('opens complaints when it says, and closes only those it says', () => {
    for (const { fate, events: own } of [...those('complaint-left-open'), ...those('complaint-closed')]) {
      const desk = own.filter((event) => event.type.startsWith('complaint_'));
      expect(desk.map((event) => [event.type, event.occurredAt])).toEqual([
        ['complaint_opened', fate.at],
        ...(fate.until === null ? [] : [['complaint_closed', fate.until]]),
      ]);
    }
  });

  it('can deliver what an outage withheld when it is over', () => {
    const late = simulate({ ...options, outage: { withheld: 'late' } });
    const outage = late.truth.outage!;
    const delivered = [...late.events()];
    expect(delivered.length).toBe([...late.happened()].length);
    expect(delivered.length).toBeGreaterThan(events.length);
    const wrong = delivered.filter((event) => {
      const held =
        event.appVersion === outage.appVersion && event.occurredAt >= outage.from && event.occurredAt < outage.until;
      return event.receivedAt !== (held ? outage.until : event.occurredAt);
    });
    expect(wrong).toEqual([]);
  });

  it('leaves out what it is told to leave out', () => {
    const calm = simulate({
      ...options,
      tenant: tenantId('calm'),
      crash: null,
      outage: null,
      shares: {
        'silent-churn': 0,
        'fading-churn': 0,
        away: 0,
        'spend-drop': 0,
        'login-trouble': 0,
        'complaint-left-open': 0,
        'complaint-closed': 0,
        joined: 0,
      },
    });
    expect(calm.truth.customers.flatMap((truth) => truth.fates)).toEqual([]);
    const first = calm.events()[Symbol.iterator]().next().value as ActivityEvent;
    expect(first.tenant).toBe('calm');
  });

  it('moves the crash and the outage to where it is told', () => {
    const from = epochMs(startAt + 10 * DAY);
    const until = epochMs(from + 3 * HOUR);
    const moved = simulate({
      ...options,
      crash: { from, until, platform: 'ios', appVersion: '5.0.0' },
      outage: { from },
    });
    expect(moved.truth.crash).toEqual({ appVersion: '5.0.0', platform: 'ios', from, until });
    expect(moved.truth.outage).toEqual({
      appVersion: '5.1.0',
      from,
      until: from + 12 * HOUR,
      withheld: 'lost',
    });
  });

  it('speaks only in events that Churnwatch knows', () => {
    expect(events.filter((event) => !(event.type in eventKinds))).toEqual([]);
  });
});
