/**
 * Deadlines against somebody who knows none: the moves that the engine's deadlines lead to, beside those of a stepper that
 * looks at everybody at every whole minute of their life. The two must never disagree about a flag at a minute, and every
 * move lies within the minute at whose end the stepper first sees it.
 *
 * Events fall on whole minutes; what a deadline brings about falls anywhere. A flag that goes up and down again between
 * two looks of the stepper is the one thing it cannot see.
 */
import fc from 'fast-check';
import { ClickHouseEvaluator, ClickHouseHistoryStore } from '#clickhouse';
import type { ActivityEvent, Condition, EventType, Flag, Pack, Rule, Signal } from '#domain';
import {
  advanceFlag,
  customerId,
  DAY,
  epochMs,
  HOUR,
  MINUTE,
  neverRaised,
  plus,
  ruleId,
  tenantId,
  usualChurn,
  usualValue,
} from '#domain';
import type { Evaluator } from '#pipeline';
import { backtest } from '#pipeline';
import { conditionReader } from '../../libs/pipeline/src/rulebook/condition-text.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import type { ExpectedMove } from '../support/oracle.js';
import { expectation } from '../support/oracle.js';
import { seed } from '../support/seed.js';

const tenant = tenantId('default');
const startAt = Date.UTC(2026, 2, 2, 21);
const endAt = epochMs(startAt + 2 * DAY + 7 * HOUR);
const types: readonly EventType[] = ['app_open', 'order', 'crash'];
const text = { en: '', zh: '' };
const about = { unit: '', description: text };

interface Drawn {
  readonly signals: readonly Signal[];
  readonly guard?: string;
  readonly enter: string;
  readonly exit: string;
}
const someTypes = fc.subarray([...types], { minLength: 1 });
const days = (minMs: number, maxMs: number) => fc.integer({ min: minMs, max: maxMs }).map((ms) => ms / DAY);
const inCel = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** Silent for so long. */
const fixed = fc.tuple(someTypes, days(HOUR, 14 * HOUR)).map(([events, bound]): Drawn => ({
  signals: [{ ...about, name: 'silent', kind: 'silence', events }],
  enter: `silent > ${inCel(bound)}`,
  exit: `silent < ${inCel(bound / 2)}`,
}));

/** Silent beyond own rhythm, once they have been here for a while. */
const personal = fc
  .tuple(
    someTypes,
    fc.constantFrom(0.03, 0.1),
    fc.constantFrom(1, 2),
    fc.constantFrom(0.5, 0.8, 1.5),
    days(MINUTE, 9 * HOUR),
  )
  .map(([events, priorGapDays, minimumActiveDays, gaps, tenure]): Drawn => ({
    signals: [
      { ...about, name: 'silent', kind: 'silence', events },
      { ...about, name: 'tenure', kind: 'tenure', events },
      { ...about, name: 'gap', kind: 'usual-gap', events, priorGapDays, minimumActiveDays },
    ],
    guard: `tenure >= ${inCel(tenure)} && gap > 0.0`,
    enter: `silent > ${inCel(gaps)} * gap`,
    exit: `silent < ${inCel(gaps / 3)} * gap`,
  }));

/** So much, or so little, within some hours: what leaves the window clears the one and raises the other. */
const decaying = fc
  .tuple(
    someTypes,
    fc.constantFrom(1, 2, 5, 12, 24),
    fc.constantFrom(0, 1, 6),
    fc.integer({ min: 1, max: 4 }),
    fc.boolean(),
  )
  .map(([events, span, skip, bound, isMuch]): Drawn => {
    const [much, little] = [`seen >= ${bound}.0`, `seen < ${bound}.0`];
    return {
      signals: [
        {
          ...about,
          name: 'seen',
          kind: 'count',
          events,
          lookback: { fromMs: (span + skip) * HOUR, toMs: skip * HOUR },
        },
      ],
      enter: isMuch ? much : little,
      exit: isMuch ? little : much,
    };
  });

const packs = fc
  .tuple(...[fixed, personal, decaying].map((kind) => fc.array(kind, { minLength: 2, maxLength: 2 })))
  .map((kinds): Pack => {
    const drawn = kinds.flat();
    // Each rule has signals of its own.
    const own = (index: number, condition: string): string =>
      condition.replaceAll(/\b(silent|tenure|gap|seen)\b/g, (name) => `${name}_${index}`);
    const signals = drawn.flatMap((each, index) =>
      each.signals.map((signal) => ({ ...signal, name: own(index, signal.name) })),
    );
    const reader = conditionReader(signals);
    const read = (index: number, condition: string): Condition => {
      const parsed = reader(own(index, condition));
      if (!parsed.ok) throw new Error(parsed.complaint.message);
      return parsed.condition;
    };
    const rules = drawn.map(({ guard = 'true', enter, exit }, index): Rule => ({
      id: ruleId(`r${index}`),
      version: '',
      title: text,
      owner: '',
      severity: 'low',
      reason: '',
      playbook: '',
      guard: read(index, guard),
      enter: read(index, enter),
      exit: read(index, exit),
      policy: { pendingMs: index % 3 === 0 ? 20 * MINUTE : 0, recoverMs: 0, cooldownMs: 0 },
      evidence: [],
      muted: null,
      text,
    }));
    return {
      name: 'drawn',
      version: '',
      title: text,
      churn: usualChurn,
      value: usualValue,
      signals,
      rules,
      playbooks: [],
      reasons: [],
    };
  });

/** Some busy hours, some lone visits, some exactly on an hour's edge. */
const lives = fc
  .tuple(
    fc.array(fc.nat(47), { minLength: 2, maxLength: 4 }),
    fc.array(fc.nat(48 * 60), { minLength: 1, maxLength: 3 }),
  )
  .chain(([busy, lone]) =>
    fc.array(
      fc.tuple(
        fc.constantFrom(...types),
        fc.oneof(
          fc
            .tuple(fc.constantFrom(...busy), fc.oneof(fc.constant(0), fc.nat(70)))
            .map(([hour, minute]) => hour * 60 + minute),
          fc.constantFrom(...lone),
        ),
      ),
      { minLength: 4, maxLength: 12 },
    ),
  );

const customers = 8;
const events: readonly ActivityEvent[] = fc.sample(lives, { numRuns: customers, seed }).flatMap((life, index) =>
  life.map(([type, minute], place) => ({
    tenant,
    id: `${index}-${place}`,
    source: 'drawn',
    type,
    customer: customerId(`c${index}`),
    occurredAt: epochMs(startAt + minute * MINUTE),
    receivedAt: epochMs(startAt + minute * MINUTE),
    amount: null,
    platform: '',
    channel: '',
    appVersion: '',
    attributes: {},
  })),
);

type Move = Pick<ExpectedMove, 'from' | 'to'> & { readonly at: number };
/** By customer and rule, oldest first. */
type Moves = ReadonlyMap<string, readonly Move[]>;

/** Looks at everybody at every whole minute from their first event on. */
function stepped(pack: Pack): Moves {
  const expected = expectation(events, pack, tenant);
  const moves = new Map<string, Move[]>();
  for (const customer of expected.customers) {
    const flags = new Map(pack.rules.map(({ id }) => [id, neverRaised as Flag]));
    const first = Math.min(...events.filter((event) => event.customer === customer).map((event) => event.occurredAt));
    for (let at = epochMs(first); at <= endAt; at = plus(at, MINUTE)) {
      const verdicts = expected.verdicts(customer, at);
      for (const rule of pack.rules) {
        const before = flags.get(rule.id)!;
        const step = advanceFlag(before, verdicts.get(rule.id)!, rule.policy, at);
        flags.set(rule.id, step.flag);
        const key = `${customer} ${rule.id}`;
        if (step.moved) moves.set(key, [...(moves.get(key) ?? []), { from: before.state, to: step.flag.state, at }]);
      }
    }
  }
  return moves;
}

/** At whole minutes the two are compared: where each flag stands, and which moves lie in the minute before. */
function disagreements(decided: Moves, seen: Moves): string[] {
  const found: string[] = [];
  for (const key of new Set([...decided.keys(), ...seen.keys()])) {
    const ofMinute = (moves: readonly Move[], to: number): readonly Move[] =>
      moves.filter(({ at }) => at > to - MINUTE && at <= to);
    const [ours, theirs] = [decided.get(key) ?? [], seen.get(key) ?? []];
    let [state, seenState] = ['clear', 'clear'];
    for (let minute = startAt; minute <= endAt; minute += MINUTE) {
      state = ofMinute(ours, minute).at(-1)?.to ?? state;
      seenState = ofMinute(theirs, minute).at(-1)?.to ?? seenState;
      if (state === seenState) continue;
      found.push(`${key} at ${new Date(minute).toISOString()}: ${state}, seen ${seenState}`);
      break;
    }
  }
  return found;
}

describe(`deadlines, against somebody who looks every minute (seed ${seed})`, () => {
  const embedded = new EmbeddedStore('absence_test');
  const histories = new ClickHouseHistoryStore(embedded.store);
  const drawnPacks = fc.sample(packs, { numRuns: 2, seed });

  beforeAll(async () => {
    await embedded.migrate();
    await embedded.fold(events);
  }, 60_000);
  afterAll(() => embedded.close());

  const decided = async (evaluator: Evaluator): Promise<Moves> => {
    const moves = new Map<string, Move[]>();
    for await (const page of backtest({
      evaluator,
      histories,
      question: { tenant, upTo: endAt, marked: null },
      extent: (await histories.extent(tenant))!,
      onProgress: () => {},
      signal: new AbortController().signal,
    })) {
      for (const { history, moves: own } of page)
        for (const move of own) {
          const key = `${history.customer} ${move.rule}`;
          moves.set(key, [...(moves.get(key) ?? []), move]);
        }
    }
    return moves;
  };

  it.each(drawnPacks.map((pack, index) => [index, pack] as const))(
    'pack %i: the same flags at every minute',
    async (_, pack) => {
      const seen = stepped(pack);
      expect(disagreements(await decided(new ClickHouseEvaluator(embedded.store, pack)), seen)).toEqual([]);
      expect([...seen.values()].flat().length).toBeGreaterThan(40);
    },
    120_000,
  );

  it('would be seen to be wrong if deadlines were let pass', async () => {
    const pack = drawnPacks[0]!;
    const engine = new ClickHouseEvaluator(embedded.store, pack);
    const deaf: Evaluator = {
      pack,
      evaluate: async (requests) =>
        (await engine.evaluate(requests)).map((each) => ({ ...each, nextChangeAt: null, nextBreachAt: null })),
    };
    expect(disagreements(await decided(deaf), stepped(pack)).length).toBeGreaterThan(10);
  }, 120_000);
});
