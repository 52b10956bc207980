import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseEvaluator } from '#clickhouse';
import type { Evaluation, Pack, Rule } from '#domain';
import { advanceFlag, epochMs, neverRaised, signalsRead, tenantId } from '#domain';
import { formatNumber, loadPack } from '#pipeline';
import type { CustomerStory } from '../support/a-customer.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import type { PackTwins } from './packs/twins.js';

const embedded = new EmbeddedStore('packs_test');
beforeAll(() => embedded.migrate());
afterAll(() => embedded.close());

/** Each shipped pack brings its own stories: `packs/NAME.ts` beside this file. */
const shipped: (readonly [name: string, twins: PackTwins])[] = [];
for (const name of readdirSync('packs')) {
  const { twins } = (await import(`./packs/${name}.js`)) as { readonly twins: PackTwins };
  shipped.push([name, twins]);
}

describe.each(shipped)('the pack %s', (name, customers) => {
  const pack: Pack = loadPack(join('packs', name));
  const whole = new ClickHouseEvaluator(embedded.store, pack);
  const tenant = tenantId('default');

  /** Follows the deadlines from the first event to the end of the story, as the sentinel would. */
  const firstFiring = async (story: CustomerStory, rule: Rule): Promise<Evaluation | null> => {
    await embedded.fold(story.events);
    const instants = [...new Set(story.events.map(({ occurredAt }) => occurredAt as number))];
    const evaluator = new ClickHouseEvaluator(embedded.store, alone(rule, pack));
    const ask = (...times: readonly number[]) =>
      evaluator.evaluate(times.map((asOf) => ({ tenant, customer: story.id, asOf: epochMs(asOf) })));
    const atEvents = new Map((await ask(...instants)).map((look) => [look.asOf as number, look]));
    let flag = neverRaised;
    let next = instants[0]!;
    while (next <= story.now) {
      const look = atEvents.get(next) ?? (await ask(next))[0]!;
      const step = advanceFlag(flag, look.verdicts.get(rule.id)!, rule.policy, look.asOf);
      if (step.flag.state === 'firing') return look;
      flag = step.flag;
      const later = instants.find((instant) => instant > next) ?? Infinity;
      const deadline = flag.state === 'clear' ? look.nextBreachAt : look.nextChangeAt;
      next = Math.min(later, step.askAgainAt ?? Infinity, deadline ?? Infinity);
    }
    return null;
  };

  it('has a story for every rule', () => {
    expect(Object.keys(customers)).toEqual(pack.rules.map(({ id }) => id));
  });

  it.each(Object.entries(customers))(
    '%s: fires on the one who leaves, not on the twin who stays',
    async (id, [leaving, healthy]) => {
      const rule = pack.rules.find((each) => each.id === id)!;
      const story = leaving(`${name}-${id}-leaving`);
      const fired = await firstFiring(story, rule);
      if (fired === null) throw new Error(`${id} never fired on ${story.id}`);
      const [look] = await whole.evaluate([{ tenant, customer: story.id, asOf: fired.asOf }]);
      expect(look?.verdicts.get(rule.id)).toBe('breach');
      // What the alert shows must be known by then.
      for (const signal of rule.evidence) {
        expect([signal, formatNumber(look!.signals[signal] ?? null)]).not.toEqual([signal, formatNumber(null)]);
      }
      expect(await firstFiring(healthy(`${name}-${id}-healthy`), rule)).toBeNull();
    },
  );
});

/** The pack with this rule only: the other rules' deadlines would be many more questions. */
function alone(rule: Rule, pack: Pack): Pack {
  const needed = signalsRead(rule);
  return { ...pack, rules: [rule], signals: pack.signals.filter(({ name }) => needed.has(name)) };
}
