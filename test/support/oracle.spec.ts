import fc from 'fast-check';
import type { ActivityEvent, Condition, EpochMs, EventType, FlagPolicy, NumberExpr, Pack, Rule, Signal } from '#domain';
import { customerId, DAY, epochMs, HOUR, isoOf, MINUTE, ruleId, tenantId, usualChurn, usualValue } from '#domain';
import { expectation, expectedMoves } from './oracle.js';

const tenant = tenantId('t');
const ada = customerId('ada');
const text = { en: '', zh: '' };
const at = (iso: string): EpochMs => epochMs(Date.parse(iso));

let ids = 0;
const happened = (type: EventType, iso: string, amount: number | null = null, who = 'ada'): ActivityEvent => ({
  tenant,
  id: `e${ids++}`,
  source: 'story',
  type,
  customer: customerId(who),
  occurredAt: at(iso),
  receivedAt: at(iso),
  amount,
  platform: '',
  channel: '',
  appVersion: '',
  attributes: {},
});

const about = { unit: '', description: text };
const crashes = (fromMs: number, toMs = 0): Signal => ({
  ...about,
  name: 'crashes',
  kind: 'count',
  events: ['crash'],
  lookback: { fromMs, toMs },
});
const spend = (fromMs: number, toMs = 0): Signal => ({
  ...about,
  name: 'spend',
  kind: 'sum',
  events: ['order'],
  lookback: { fromMs, toMs },
});
const silence: Signal = { ...about, name: 'silence', kind: 'silence', events: ['app_open', 'order'] };
const tenure: Signal = { ...about, name: 'tenure', kind: 'tenure', events: ['app_open', 'order'] };
const openFor: Signal = {
  ...about,
  name: 'open',
  kind: 'open-for',
  events: ['complaint_opened'],
  closedBy: ['complaint_closed'],
};
const gap: Signal = {
  ...about,
  name: 'gap',
  kind: 'usual-gap',
  events: ['app_open'],
  priorGapDays: 7,
  minimumActiveDays: 3,
};

const signal = (name: string): NumberExpr => ({ kind: 'signal', name });
const value = (number: number): NumberExpr => ({ kind: 'number', value: number });
const compare = (left: NumberExpr, op: '<' | '<=' | '>' | '>=' | '==', right: NumberExpr): Condition => ({
  kind: 'compare',
  op,
  left,
  right,
});
const always: Condition = { kind: 'always', value: true };
const neverTrue: Condition = { kind: 'always', value: false };

type RuleParts = { enter: Condition; exit: Condition; guard?: Condition; policy?: Partial<FlagPolicy>; id?: string };
const rule = ({ enter, exit, guard = always, policy = {}, id = 'r' }: RuleParts): Rule => ({
  id: ruleId(id),
  version: '1',
  title: text,
  owner: '',
  severity: 'low',
  reason: '',
  playbook: 'p',
  guard,
  enter,
  exit,
  policy: { pendingMs: 0, recoverMs: 0, cooldownMs: 0, ...policy },
  evidence: [],
  muted: null,
  text,
});
const pack = (signals: readonly Signal[], ...rules: readonly Rule[]): Pack => ({
  name: 'story',
  version: '1',
  title: text,
  churn: usualChurn,
  value: usualValue,
  signals,
  rules,
  playbooks: [],
  reasons: [],
});

const told = (events: readonly ActivityEvent[], by: Pack, until: string): string[] =>
  expectedMoves(events, by, tenant, at(until)).map(
    (move) => `${isoOf(move.becameDueAt)} ${move.from} -> ${move.to} #${move.episode}`,
  );

describe('the oracle on stories worked out by hand', () => {
  it('finds the millisecond in which a silence is long enough, and the event that ends it', () => {
    const quiet = compare(signal('silence'), '>=', value(3));
    const story = [
      happened('app_open', '2017-03-01T10:17:03.250Z'),
      happened('app_open', '2017-03-05T08:00:00.001Z'),
      happened('crash', '2017-03-06T00:00:00.000Z'),
    ];
    const by = pack([silence], rule({ enter: quiet, exit: compare(signal('silence'), '<', value(1)) }));
    expect(told(story, by, '2017-03-10T00:00:00Z')).toEqual([
      '2017-03-04T10:17:03.250Z clear -> firing #1',
      '2017-03-05T08:00:00.001Z firing -> clear #1',
      '2017-03-08T08:00:00.001Z clear -> firing #2',
    ]);
    const longer = pack([silence], rule({ enter: compare(signal('silence'), '>', value(3)), exit: neverTrue }));
    expect(told(story, longer, '2017-03-04T12:00:00Z')).toEqual(['2017-03-04T10:17:03.251Z clear -> firing #1']);
    expect(told(story, longer, '2017-03-04T10:17:03.250Z')).toEqual([]);
  });

  it('lets an event leave a lookback of up to 35 days at the edge of its hour', () => {
    const story = [happened('crash', '2017-03-01T10:17:00Z'), happened('crash', '2017-03-01T11:50:00Z')];
    const many = compare(signal('crashes'), '>=', value(2));
    const few = compare(signal('crashes'), '<', value(2));
    const within = (ms: number) => pack([crashes(ms)], rule({ enter: many, exit: few }));
    expect(told(story, within(24 * HOUR), '2017-03-05T00:00:00Z')).toEqual([
      '2017-03-01T11:50:00.000Z clear -> firing #1',
      '2017-03-02T10:00:00.000Z firing -> clear #1',
    ]);
    expect(told(story, within(35 * DAY), '2017-05-05T00:00:00Z')).toEqual([
      '2017-03-01T11:50:00.000Z clear -> firing #1',
      '2017-04-05T10:00:00.000Z firing -> clear #1',
    ]);
    // Two hours hold this hour and the one before, not 120 minutes.
    expect(told(story, within(2 * HOUR), '2017-03-05T00:00:00Z')).toEqual([
      '2017-03-01T11:50:00.000Z clear -> firing #1',
      '2017-03-01T12:00:00.000Z firing -> clear #1',
    ]);
  });

  it('lets an event leave a longer lookback at the edge of its day', () => {
    const story = [happened('order', '2017-03-01T23:59:59.999Z', 60), happened('order', '2017-03-02T00:00:00Z', 40)];
    const enter = compare(signal('spend'), '>=', value(100));
    const by = pack([spend(36 * DAY)], rule({ enter, exit: { kind: 'not', of: enter } }));
    expect(told(story, by, '2017-05-05T00:00:00Z')).toEqual([
      '2017-03-02T00:00:00.000Z clear -> firing #1',
      '2017-04-06T00:00:00.000Z firing -> clear #1',
    ]);
  });

  it('counts a lookback that ends in the past from edge to edge', () => {
    const story = [happened('crash', '2017-03-01T10:17:00Z')];
    const enter = compare(signal('crashes'), '==', value(1));
    const by = (from: number, to: number) =>
      pack([crashes(from, to)], rule({ enter, exit: { kind: 'not', of: enter } }));
    expect(told(story, by(48 * HOUR, 24 * HOUR), '2017-03-09T00:00:00Z')).toEqual([
      '2017-03-02T10:00:00.000Z clear -> firing #1',
      '2017-03-03T10:00:00.000Z firing -> clear #1',
    ]);
    // The near edge is hour-exact, the far one lies beyond 35 days and falls on midnight.
    expect(told(story, by(40 * DAY, 35 * DAY), '2017-05-09T00:00:00Z')).toEqual([
      '2017-04-05T10:00:00.000Z clear -> firing #1',
      '2017-04-10T00:00:00.000Z firing -> clear #1',
    ]);
  });

  it('asks again when a pending time, a recovery or a cooldown is over', () => {
    const enter = compare(signal('crashes'), '>=', value(1));
    const policy = { pendingMs: 30 * MINUTE, recoverMs: 90 * MINUTE, cooldownMs: 5 * HOUR };
    const by = pack([crashes(HOUR)], rule({ enter, exit: { kind: 'not', of: enter }, policy }));
    const story = [
      // Breach from 10:40 to 11:00 only: too short to fire, and its number is used again.
      happened('crash', '2017-03-01T10:40:00Z'),
      // 12:10 to 13:00: fires at 12:40, ok from 13:00, clear at 14:30, cool until 19:30.
      happened('crash', '2017-03-01T12:10:00Z'),
      // In the cooldown; still breaching when it ends because of the second.
      happened('crash', '2017-03-01T18:59:59Z'),
      happened('crash', '2017-03-01T19:00:00Z'),
      happened('crash', '2017-03-01T20:10:00Z'),
    ];
    expect(told(story, by, '2017-03-02T12:00:00Z')).toEqual([
      '2017-03-01T10:40:00.000Z clear -> pending #1',
      '2017-03-01T11:00:00.000Z pending -> clear #0',
      '2017-03-01T12:10:00.000Z clear -> pending #1',
      '2017-03-01T12:40:00.000Z pending -> firing #1',
      '2017-03-01T13:00:00.000Z firing -> recovering #1',
      '2017-03-01T14:30:00.000Z recovering -> clear #1',
      '2017-03-01T19:30:00.000Z clear -> pending #2',
      '2017-03-01T20:00:00.000Z pending -> clear #1',
      '2017-03-01T20:10:00.000Z clear -> pending #2',
      '2017-03-01T20:40:00.000Z pending -> firing #2',
      '2017-03-01T21:00:00.000Z firing -> recovering #2',
      '2017-03-01T22:30:00.000Z recovering -> clear #2',
    ]);
  });

  it('measures how long the oldest open complaint is open', () => {
    const by = pack(
      [openFor],
      rule({ enter: compare(signal('open'), '>', value(2)), exit: compare(signal('open'), '==', value(0)) }),
    );
    const story = [
      happened('complaint_opened', '2017-03-01T10:00:00Z'),
      happened('complaint_opened', '2017-03-02T10:00:00Z'),
      happened('complaint_closed', '2017-03-04T10:00:00Z'),
      // Opened in the very instant of the closing: not later, so closed.
      happened('complaint_opened', '2017-03-04T10:00:00Z'),
      happened('complaint_opened', '2017-03-04T10:00:00.001Z'),
    ];
    expect(told(story, by, '2017-03-09T00:00:00Z')).toEqual([
      '2017-03-03T10:00:00.001Z clear -> firing #1',
      '2017-03-04T10:00:00.000Z firing -> clear #1',
      '2017-03-06T10:00:00.002Z clear -> firing #2',
    ]);
  });

  it('measures the usual gap, shrunk towards the prior, and the age of the first event', () => {
    const own = expectation(
      [
        happened('app_open', '2017-03-01T06:00:00Z'),
        happened('app_open', '2017-03-01T18:00:00Z'),
        happened('app_open', '2017-03-05T06:00:00Z'),
        happened('app_open', '2017-03-11T18:00:00Z'),
      ],
      pack([gap, tenure, silence]),
      tenant,
    );
    // Two days so far: below the minimum of three.
    expect(own.signals(ada, at('2017-03-06T06:00:00Z'))).toEqual({ gap: null, tenure: 5, silence: 1 });
    // Span 10.5 days, n = 3: (10.5 + 21) / 5.
    expect(own.signals(ada, at('2017-03-12T06:00:00Z'))).toEqual({ gap: 6.3, tenure: 11, silence: 0.5 });
    expect(own.signals(ada, at('2017-02-01T00:00:00Z'))).toEqual({ gap: null, tenure: null, silence: null });
  });

  it('follows three-valued logic where a number is missing', () => {
    const unknown = compare(signal('gap'), '>', value(0));
    const byZero = compare({ kind: 'arithmetic', op: '/', left: value(1), right: signal('crashes') }, '>', value(0));
    const and = (left: Condition, right: Condition): Condition => ({ kind: 'and', left, right });
    const or = (left: Condition, right: Condition): Condition => ({ kind: 'or', left, right });
    const not = (of: Condition): Condition => ({ kind: 'not', of });
    const cases: readonly (readonly [string, RuleParts])[] = [
      ['no-data', { guard: unknown, enter: always, exit: always }],
      ['no-data', { guard: not(unknown), enter: always, exit: always }],
      ['no-data', { guard: and(always, unknown), enter: always, exit: always }],
      ['breach', { guard: or(unknown, always), enter: always, exit: always }],
      ['ok', { enter: unknown, exit: always }],
      ['ok', { enter: or(neverTrue, byZero), exit: not(and(neverTrue, unknown)) }],
      ['between', { enter: not(byZero), exit: or(neverTrue, unknown) }],
      ['between', { enter: neverTrue, exit: compare({ kind: 'negate', of: signal('gap') }, '<=', value(0)) }],
    ];
    const rules = cases.map(([, parts], index) => rule({ ...parts, id: `case-${index}` }));
    const own = expectation(
      [happened('app_open', '2017-03-01T00:00:00Z')],
      pack([gap, crashes(DAY)], ...rules),
      tenant,
    );
    expect([...own.verdicts(ada, at('2017-03-01T01:00:00Z')).values()]).toEqual(cases.map(([verdict]) => verdict));
  });

  it('sees only its tenant, and orders moves by time, customer and rule', () => {
    const firing = { enter: always, exit: neverTrue };
    const by = pack([], rule({ ...firing, id: 'second' }), rule({ ...firing, id: 'first' }));
    const events = [
      happened('crash', '2017-03-01T02:00:00Z', null, 'cleo'),
      happened('crash', '2017-03-01T01:00:00Z', null, 'bob'),
      happened('crash', '2017-03-01T01:00:00Z', null, 'ada'),
      { ...happened('crash', '2017-03-01T00:00:00Z', null, 'eve'), tenant: tenantId('other') },
    ];
    expect(
      expectedMoves(events, by, tenant, at('2017-03-01T01:30:00Z')).map((move) => `${move.customer} ${move.rule}`),
    ).toEqual(['ada second', 'ada first', 'bob second', 'bob first']);
  });

  it('knows when a verdict changes next if nothing more happens', () => {
    const own = expectation(
      [happened('app_open', '2017-03-01T10:17:00Z'), happened('app_open', '2017-03-03T00:00:00Z')],
      pack([silence], rule({ enter: compare(signal('silence'), '>=', value(3)), exit: neverTrue })),
      tenant,
    );
    const next = own.nextChange(ada, at('2017-03-01T12:00:00Z'), at('2017-03-20T00:00:00Z'));
    expect(next === null ? null : isoOf(next)).toBe('2017-03-04T10:17:00.000Z');
    expect(own.nextChange(ada, at('2017-03-01T12:00:00Z'), at('2017-03-04T10:16:59.999Z'))).toBeNull();
  });
});

describe('the oracle on any story', () => {
  it('has a flag without hysteresis fire exactly while its verdict is breach', () => {
    const quiet = compare(signal('silence'), '>', {
      kind: 'arithmetic',
      op: '*',
      left: value(1.5),
      right: signal('gap'),
    });
    const rich = compare(signal('spend'), '>', value(64));
    const enter: Condition = { kind: 'or', left: quiet, right: rich };
    const start = at('2017-03-01T00:00:00Z');
    const by = pack(
      [silence, gap, spend(40 * DAY, 30 * HOUR)],
      rule({
        enter,
        exit: { kind: 'or', left: { kind: 'not', of: enter }, right: compare(signal('silence'), '>=', value(0)) },
      }),
    );
    const story = fc.array(
      fc.record({ type: fc.constantFrom<EventType>('app_open', 'order'), ms: fc.nat(60 * DAY), amount: fc.nat(64) }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(story, fc.array(fc.nat(90 * DAY), { minLength: 20, maxLength: 20 }), (drawn, probes) => {
        const events = drawn.map(({ type, ms, amount }) => happened(type, isoOf(epochMs(start + ms)), amount));
        const firstAt = Math.min(...events.map((event) => event.occurredAt));
        const end = epochMs(start + 90 * DAY);
        const moves = expectedMoves(events, by, tenant, end);
        const own = expectation(events, by, tenant);
        for (const probe of [
          ...probes.map((ms) => start + ms),
          ...moves.flatMap((m) => [m.becameDueAt, m.becameDueAt - 1]),
        ]) {
          const state = moves.findLast((move) => move.becameDueAt <= probe)?.to ?? 'clear';
          const verdict = own.verdicts(ada, epochMs(probe)).get(ruleId('r'));
          expect(state === 'firing').toBe(probe >= firstAt && verdict === 'breach');
        }
      }),
      { numRuns: 150 },
    );
  });
});
