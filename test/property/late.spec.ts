import fc from 'fast-check';
import { ClickHouseEvaluator, ClickHouseFlagStore, ClickHouseStageStore } from '#clickhouse';
import type { ActivityEvent, Condition, EventType, FlagPolicy, Pack, Rule } from '#domain';
import { customerId, DAY, epochMs, HOUR, ruleId, tenantId, usualChurn, usualValue } from '#domain';
import { MemoryFlagStore, MemoryStageStore } from '#pipeline/testing';
import { EmbeddedStore } from '../support/embedded-store.js';
import type { Arrival, Ending, Keeping } from '../support/late-world.js';
import { endingInOrder, endingOf, liveThrough, withoutNeverRaised } from '../support/late-world.js';
import { OracleEvaluator } from '../support/oracle-evaluator.js';
import { packs } from '../support/random-packs.js';
import { seed } from '../support/seed.js';

const runs = Number(process.env['LATE_RUNS'] ?? 150);
const tenant = tenantId('default');
const start = Date.UTC(2026, 0, 5);
const storyDays = 12;
const endAt = epochMs(start + (storyDays + 12) * DAY);
const latenessMs = 7 * DAY;

const types: readonly EventType[] = ['order', 'crash', 'app_open', 'complaint_opened', 'complaint_closed', 'refund'];
const both = (text: string) => ({ en: text, zh: text });
const span = (unit: number, most: number) =>
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: most }).map((n) => n * unit),
  );
const policies: fc.Arbitrary<FlagPolicy> = fc.record({
  pendingMs: span(6 * HOUR, 8),
  recoverMs: span(6 * HOUR, 8),
  cooldownMs: span(12 * HOUR, 6),
});
const playbook = { id: 'call', title: both('Call'), action: both('Call'), owner: 'care', dueWithinMs: DAY };

const above = (name: string, value: number): Condition => ({
  kind: 'compare',
  op: '>',
  left: { kind: 'signal', name },
  right: { kind: 'number', value },
});
const not = (of: Condition): Condition => ({ kind: 'not', of });
const about = { unit: '', description: both('') };
const always: Condition = { kind: 'always', value: true };
const aRule = (id: string, enter: Condition, exit: Condition): Rule => ({
  id: ruleId(id),
  version: '',
  title: both(id),
  owner: '',
  severity: 'low',
  reason: '',
  playbook: '',
  guard: always,
  enter,
  exit,
  policy: { pendingMs: 0, recoverMs: 0, cooldownMs: 0 },
  evidence: [],
  muted: null,
  text: both(id),
});

/** Rules as packs have them: any event may begin or end an episode. */
const usual: Pack = {
  name: 'usual',
  version: '',
  title: both(''),
  churn: {
    ...usualChurn,
    priorGapDays: 0.5,
    newForMs: 36 * HOUR,
    slipping: { afterMs: 12 * HOUR, gaps: 1 },
    dormant: { afterMs: 24 * HOUR, gaps: 1.5 },
    churned: { afterMs: 36 * HOUR, gaps: 2 },
  },
  value: usualValue,
  playbooks: [],
  reasons: [],
  signals: [
    { ...about, name: 'silent', kind: 'silence', events: ['app_open', 'order'] },
    { ...about, name: 'crashes', kind: 'count', events: ['crash'], lookback: { fromMs: 48 * HOUR, toMs: 0 } },
    { ...about, name: 'open', kind: 'open-for', events: ['complaint_opened'], closedBy: ['complaint_closed'] },
    { ...about, name: 'orders', kind: 'count', events: ['order'], lookback: { fromMs: 3 * DAY, toMs: 0 } },
  ],
  rules: [
    aRule('silence', above('silent', 1.5), not(above('silent', 0.5))),
    aRule('crashes', above('crashes', 1), not(above('crashes', 0))),
    aRule('complaint', above('open', 1), not(above('open', 0))),
    aRule('orders', not(above('orders', 0)), above('orders', 0)),
  ],
};

/** Whatever packs there are, with policies, and with somebody to tell. */
const lively: fc.Arbitrary<Pack> = fc

  .tuple(fc.oneof(packs, fc.constant(usual), fc.constant(usual)), fc.array(policies, { minLength: 4, maxLength: 4 }))
  .map(([pack, own]) => ({
    ...pack,
    playbooks: [playbook],
    rules: pack.rules.map((rule, index) => ({
      ...rule,
      policy: own[index]!,
      playbook: playbook.id,
      title: both(rule.id),
      text: both(rule.id),
    })),
  }));

const mishaps = fc.oneof(
  { weight: 8, arbitrary: fc.constant('none' as const) },
  { weight: 1, arbitrary: fc.constantFrom('restart' as const, 'down' as const, 'mute' as const) },
);
const arrivals: fc.Arbitrary<readonly Arrival[]> = fc
  .array(
    fc.record({
      who: fc.constantFrom('ada', 'ada', 'bea'),
      type: fc.constantFrom(...types),
      hour: fc.nat(storyDays * 24 - 1),
      ms: fc.constantFrom(0, 1, HOUR - 1, 1_234_567),
      // Most come soon; some as late as may be.
      lateMs: fc.oneof(
        fc.constant(2),
        fc.integer({ min: 1, max: 40 * HOUR }),
        fc.integer({ min: 1, max: latenessMs - HOUR }),
      ),
      isHeldBack: fc.boolean(),
      mishap: mishaps,
    }),
    { minLength: 1, maxLength: 14, size: 'max' },
  )
  .map((drawn) =>
    drawn
      .map(({ who, type, hour, ms, lateMs, isHeldBack, mishap }, index) => {
        const occurredAt = epochMs(start + hour * HOUR + ms);
        const at = epochMs(occurredAt + lateMs);
        const rest = { platform: '', channel: '', appVersion: '', attributes: {}, amount: index % 3 };
        const named = { tenant, id: String(index), source: 'random', type, customer: customerId(who) };
        const event: ActivityEvent = { ...named, ...rest, occurredAt, receivedAt: at };
        return { event, at, isHeldBack, mishap };
      })
      .toSorted((a, b) => a.at - b.at),
  );

function inMemory(pack: Pack): Keeping & { readonly flags: MemoryFlagStore; readonly stages: MemoryStageStore } {
  const flags = new MemoryFlagStore();
  const stages = new MemoryStageStore(flags);
  const evaluator = new OracleEvaluator(pack, endAt + DAY);
  const append = flags.append.bind(flags);
  // A failure that lasts for one call.
  flags.append = async (...args) => {
    try {
      await append(...args);
    } finally {
      flags.down.clear();
      flags.mute.clear();
    }
  };
  return {
    flags,
    stages,
    evaluator,
    fold: async (events) => {
      evaluator.fold(events);
      for (const { tenant, customer, occurredAt, type, receivedAt } of events) {
        flags.happened(tenant, customer, occurredAt, type, receivedAt);
      }
    },
    decisions: async () => [...flags.decisions.values()],
    stageMoves: async () => [...stages.moves.values()].toSorted((a, b) => a.sequence - b.sequence),
    breakNext: (how) => {
      flags[how].add('append');
      stages.breaks = how;
    },
  };
}

async function bothEndings(
  pack: Pack,
  story: readonly Arrival[],
  keeping: Keeping,
  bound: number,
): Promise<{ readonly came: Ending; readonly inOrder: Ending }> {
  await liveThrough(story, endAt, keeping, bound);
  const events = story.map(({ event }) => event);
  return {
    came: withoutNeverRaised(await endingOf(keeping)),
    inOrder: withoutNeverRaised(endingInOrder(events, pack, tenant, endAt)),
  };
}

describe(`events in any order of arrival (seed ${seed})`, () => {
  it('come to the flags and the alerts of the order in which they happened, through crashes and lost answers', async () => {
    const seen = { moves: 0, retractions: 0, amended: 0, stages: 0, stagesAmended: 0 };
    await fc.assert(
      fc.asyncProperty(lively, arrivals, async (pack, story) => {
        const keeping = inMemory(pack);
        const { came, inOrder } = await bothEndings(pack, story, keeping, latenessMs);
        expect(came).toEqual(inOrder);
        seen.moves += inOrder.moves.length;
        seen.stages += inOrder.stages.length;
        for (const { amends } of keeping.stages.moves.values()) if (amends !== null) seen.stagesAmended++;
        for (const { transition, alert } of keeping.flags.decisions.values()) {
          if (alert?.kind === 'retraction') seen.retractions++;
          if (transition.amends !== null) seen.amended++;
        }
      }),
      { numRuns: runs, seed },
    );
    // Or nothing of this would have been tried.
    expect(seen.moves).toBeGreaterThan(runs);
    expect(seen.retractions).toBeGreaterThan(0);
    expect(seen.amended).toBeGreaterThan(runs / 10);
    expect(seen.stages).toBeGreaterThan(runs);
    expect(seen.stagesAmended).toBeGreaterThan(runs / 10);
  }, 300_000);

  it('would not, if what comes late only counted from then on', async () => {
    const failing = fc.asyncProperty(lively, arrivals, async (pack, story) => {
      const { came, inOrder } = await bothEndings(pack, story, inMemory(pack), 0);
      expect(came).toEqual(inOrder);
    });
    const { failed } = await fc.check(failing, { numRuns: runs, seed, endOnFailure: true });
    expect(failed).toBe(true);
  }, 300_000);
});

describe(`the same in the engine (seed ${seed})`, () => {
  const embedded = new EmbeddedStore('late_test');
  beforeAll(() => embedded.migrate());
  afterAll(() => embedded.close());

  const [first] = fc.sample(lively, { numRuns: 1, seed });
  const [second] = fc.sample(policies, { numRuns: 1, seed });
  const withPolicy: Pack = {
    ...usual,
    playbooks: [playbook],
    rules: usual.rules.map((rule) => ({ ...rule, policy: second!, playbook: playbook.id })),
  };
  it.each([
    ['a random pack', first!],
    ['a usual pack', withPolicy],
  ])(
    '%s',
    async (name, pack) => {
      const prefix = name.replaceAll(' ', '-');
      // Many customers side by side, heard of in groups.
      const story = fc
        .sample(arrivals, { numRuns: 7, seed })
        .flatMap((own, index) =>
          own.map((arrival) => {
            const { event } = arrival;
            const customer = customerId(`${prefix}-${index}-${event.customer}`);
            return { ...arrival, event: { ...event, customer, id: `${customer}-${event.id}` } };
          }),
        )
        .toSorted((a, b) => a.at - b.at)
        .map((arrival, index): Arrival => ({
          ...arrival,
          isHeldBack: index % 6 !== 0,
          mishap: index % 48 === 30 ? 'restart' : 'none',
        }));
      for (const table of ['event', 'activity_hour', 'activity_day', 'transition', 'stage', 'decided']) {
        await embedded.store.command(`TRUNCATE TABLE $db.${table}_v1`);
      }
      const flags = new ClickHouseFlagStore(embedded.store);
      const stages = new ClickHouseStageStore(embedded.store);
      const customers = [...new Set(story.map(({ event }) => event.customer))].map((customer) => ({
        tenant,
        customer,
      }));
      const keeping: Keeping = {
        flags,
        stages,
        evaluator: new ClickHouseEvaluator(embedded.store, pack),
        fold: (events) => embedded.fold(events),
        decisions: () => flags.history(customers),
        stageMoves: () => stages.history(customers),
      };
      const { came, inOrder } = await bothEndings(pack, story, keeping, latenessMs);
      expect(came).toEqual(inOrder);
      expect(inOrder.stages.length).toBeGreaterThan(5);
      expect(inOrder.moves.length).toBeGreaterThan(name === 'a usual pack' ? 10 : -1);
    },
    300_000,
  );
});
