import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseEvaluator } from '#clickhouse';
import type { Evaluation, Pack, RuleId } from '#domain';
import { advanceFlag, epochMs, neverRaised, ruleId, tenantId } from '#domain';
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
  const evaluator = new ClickHouseEvaluator(embedded.store, pack);
  const tenant = tenantId('default');

  /** Follows the deadlines from the first event to the end of the story, as the sentinel would. */
  const firstFiring = async (story: CustomerStory, rule: RuleId): Promise<Evaluation | null> => {
    await embedded.fold(story.events);
    const { policy } = pack.rules.find((each) => each.id === rule)!;
    const instants = [...new Set(story.events.map(({ occurredAt }) => occurredAt as number))];
    const ask = (...times: readonly number[]) =>
      evaluator.evaluate(times.map((asOf) => ({ tenant, customer: story.id, asOf: epochMs(asOf) })));
    const atEvents = new Map((await ask(...instants)).map((look) => [look.asOf as number, look]));
    let flag = neverRaised;
    let next = instants[0]!;
    while (next <= story.now) {
      const look = atEvents.get(next) ?? (await ask(next))[0]!;
      const step = advanceFlag(flag, look.verdicts.get(rule)!, policy, look.asOf);
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
    async (id, twins) => {
      const rule = ruleId(id);
      const [leaving, healthy] = twins;
      const fired = await firstFiring(leaving(`${name}-${id}-leaving`), rule);
      expect(fired?.verdicts.get(rule)).toBe('breach');
      // What the alert shows must be known by then.
      for (const signal of pack.rules.find((each) => each.id === rule)!.evidence) {
        expect([signal, formatNumber(fired!.signals[signal] ?? null)]).not.toEqual([signal, formatNumber(null)]);
      }
      expect(await firstFiring(healthy(`${name}-${id}-healthy`), rule)).toBeNull();
    },
  );
});
