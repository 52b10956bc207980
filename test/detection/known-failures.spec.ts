/**
 * What other churn tools are known to get wrong, each lived through by the real app under a clock that is set: how far it
 * has read is waited for, so what is not there then is not going to come.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, EpochMs } from '#domain';
import { DAY, epochMs, HOUR, MINUTE, plus, SECOND } from '#domain';
import { eventsAt, sendEvents } from '../support/send-events.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';
import { storedMoves } from '../support/stored-moves.js';

class SetClock implements Clock {
  constructor(private at: EpochMs) {}
  now(): EpochMs {
    return this.at;
  }
  set(at: EpochMs): void {
    this.at = at;
  }
}

const inBoth = (text: string): string => `{ en: '${text}', zh: '${text}' }`;

function aRule(id: string, conditions: Readonly<Record<'guard' | 'enter' | 'exit', string>>, evidence: string): string {
  return `
  - id: ${id}
    title: ${inBoth(id)}
    owner: care@example.com
    severity: high
    reason: silent_beyond_rhythm
    playbook: call
    guard: '${conditions.guard}'
    enter: '${conditions.enter}'
    exit: '${conditions.exit}'
    cooldown: 1ms
    evidence: [${evidence}]
    text: ${inBoth(`{{ ${evidence} }}`)}`;
}

function aPack(): string {
  const folder = mkdtempSync(join(tmpdir(), 'churnwatch-pack-'));
  const described = `unit: days, description: ${inBoth('So it is')}`;
  const files = {
    'pack.yaml': `name: known\ntitle: ${inBoth('Known failures')}\n`,
    'signals.yaml': `signals:
  tenure_days: { kind: tenure, events: engagement, ${described} }
  orders_30d: { kind: count, events: [order], span: 30d, ${described} }
  silent_days: { kind: silence, events: engagement, ${described} }
  cart_days: { kind: open-for, events: [add_to_cart], closed_by: [order], ${described} }
  crashes_24h: { kind: count, events: [crash], span: 24h, ${described} }
`,
    'rules.yaml': `rules:${[
      aRule(
        'no-order',
        { guard: 'tenure_days >= 30.0', enter: 'orders_30d < 1.0', exit: 'orders_30d >= 1.0' },
        'orders_30d',
      ),
      // The same as others write it.
      aRule(
        'no-order-unguarded',
        { guard: 'true', enter: 'orders_30d < 1.0', exit: 'orders_30d >= 1.0' },
        'orders_30d',
      ),
      aRule(
        'silent',
        { guard: 'silent_days >= 0.0', enter: 'silent_days >= 7.0', exit: 'silent_days < 7.0' },
        'silent_days',
      ),
      aRule('cart', { guard: 'true', enter: 'cart_days >= 1.0 / 24.0', exit: 'cart_days <= 0.0' }, 'cart_days'),
      aRule('crashes', { guard: 'true', enter: 'crashes_24h >= 3.0', exit: 'crashes_24h < 3.0' }, 'crashes_24h'),
    ].join('')}\n`,
    'playbooks.yaml': `playbooks:
  - { id: call, title: ${inBoth('Call')}, action: ${inBoth('Call')}, owner: care@example.com, due_within: 1d }
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('what other churn tools get wrong', () => {
  const clock = new SetClock(epochMs(Date.UTC(2026, 2, 2, 9, 12, 34, 567)));
  const pack = aPack();
  let read = epochMs(0);
  let app: Standalone;

  beforeAll(async () => {
    app = await startStandalone({
      clock,
      slackMs: 0,
      env: { PACK: pack, ALERT_TTL_DAYS: '400' },
      observer: (seen) => {
        if (seen.kind === 'scheduled') read = plus(clock.now(), -seen.heldBackMs);
      },
    });
  }, 60_000);
  afterAll(async () => {
    await app?.stop();
    app?.forget();
    rmSync(pack, { recursive: true, force: true });
  });

  const go = async (at: EpochMs): Promise<void> => {
    clock.set(at);
    await until(`all up to ${new Date(at).toISOString()} is decided`, () => read >= at, 60_000);
  };
  const happens = async (customer: string, type: string, at: EpochMs): Promise<void> => {
    clock.set(at);
    await sendEvents(app.url!, eventsAt(customer, type, [at]));
    // Read up to `at` it may have been before the event came.
    await go(plus(at, 1));
  };
  const movesOf = async (customer: string, rule: string) =>
    (await storedMoves(app.store))
      .filter((move) => move.customer === customer && move.rule === rule)
      .toSorted((a, b) => a.becameDueAt - b.becameDueAt)
      .map(({ to, episode, becameDueAt }) => ({ to, episode, becameDueAt }));
  const flagOf = async (customer: string, rule: string): Promise<{ verdict: string; state: string }> => {
    const answer = await fetch(`${app.url}/v1/customers/${customer}`);
    const { flags } = (await answer.json()) as { flags: { rule: string; verdict: string; state: string }[] };
    return flags.find((flag) => flag.rule === rule)!;
  };
  const alertsOf = async (customer: string, rule: string): Promise<number> => {
    const answer = await fetch(`${app.url}/v1/alerts?customer=${customer}`);
    const { items } = (await answer.json()) as { items: { rule: string }[] };
    return items.filter((alert) => alert.rule === rule).length;
  };

  it('does not flag a new customer by "has not ordered in 30 days" before they have been here for 30 days', async () => {
    const joined = plus(clock.now(), MINUTE);
    await happens('nora', 'app_open', joined);
    await go(plus(joined, 30 * DAY - 1));
    expect(await movesOf('nora', 'no-order')).toEqual([]);
    expect(await flagOf('nora', 'no-order')).toMatchObject({ verdict: 'no-data', state: 'clear' });
    await go(plus(joined, 30 * DAY));
    expect(await movesOf('nora', 'no-order')).toEqual([
      { to: 'firing', episode: 1, becameDueAt: plus(joined, 30 * DAY) },
    ]);
    // Without a guard it is the first day.
    expect(await movesOf('nora', 'no-order-unguarded')).toEqual([{ to: 'firing', episode: 1, becameDueAt: joined }]);
  }, 60_000);

  it('raises seven days of silence at seven days, not a tenth of the window early', async () => {
    const seen = plus(clock.now(), MINUTE);
    await happens('sam', 'app_open', seen);
    await go(plus(seen, 7 * DAY - 0.1 * 7 * DAY + MINUTE));
    await go(plus(seen, 7 * DAY - MINUTE));
    expect(await flagOf('sam', 'silent')).toMatchObject({ verdict: 'ok', state: 'clear' });
    expect(await movesOf('sam', 'silent')).toEqual([]);
    await go(plus(seen, 7 * DAY));
    expect(await flagOf('sam', 'silent')).toMatchObject({ verdict: 'breach', state: 'firing' });
    expect(await movesOf('sam', 'silent')).toEqual([{ to: 'firing', episode: 1, becameDueAt: plus(seen, 7 * DAY) }]);
  }, 60_000);

  it('flags a cart that is not checked out within an hour, and not one that is', async () => {
    const left = plus(clock.now(), MINUTE);
    const bought = plus(left, 7 * SECOND);
    await happens('carl', 'add_to_cart', left);
    await happens('bea', 'add_to_cart', bought);
    await happens('bea', 'order', plus(bought, HOUR - 1));
    await go(plus(left, 2 * HOUR));
    expect(await movesOf('carl', 'cart')).toEqual([{ to: 'firing', episode: 1, becameDueAt: plus(left, HOUR) }]);
    expect(await movesOf('bea', 'cart')).toEqual([]);
  }, 60_000);

  it('raises one alert for an absence however long it lasts, and another when the customer goes again', async () => {
    const seen = plus(clock.now(), MINUTE);
    await happens('dan', 'app_open', seen);
    for (const days of [8, 20, 60, 90]) {
      await go(plus(seen, days * DAY));
      expect(await movesOf('dan', 'silent')).toHaveLength(1);
      expect(await alertsOf('dan', 'silent')).toBe(1);
    }
    const back = plus(seen, 91 * DAY);
    await happens('dan', 'order', back);
    expect(await flagOf('dan', 'silent')).toMatchObject({ state: 'clear' });
    await go(plus(back, 40 * DAY));
    expect(await movesOf('dan', 'silent')).toEqual([
      { to: 'firing', episode: 1, becameDueAt: plus(seen, 7 * DAY) },
      { to: 'clear', episode: 1, becameDueAt: back },
      { to: 'firing', episode: 2, becameDueAt: plus(back, 7 * DAY) },
    ]);
    expect(await alertsOf('dan', 'silent')).toBe(2);
  }, 60_000);

  it('changes the verdict of a rule on a window when the clock moves, though no event arrives', async () => {
    // A window's edge passes over whole hours: all three leave together.
    const hour = epochMs((Math.floor(clock.now() / HOUR) + 1) * HOUR);
    const crashes = [5, 15, 25].map((minutes) => plus(hour, minutes * MINUTE));
    for (const at of crashes) await happens('wen', 'crash', at);
    await go(plus(hour, DAY - 1));
    expect(await flagOf('wen', 'crashes')).toMatchObject({ verdict: 'breach', state: 'firing' });
    await go(plus(hour, DAY));
    expect(await flagOf('wen', 'crashes')).toMatchObject({ verdict: 'ok', state: 'clear' });
    expect(await movesOf('wen', 'crashes')).toEqual([
      { to: 'firing', episode: 1, becameDueAt: crashes[2] },
      { to: 'clear', episode: 1, becameDueAt: plus(hour, DAY) },
    ]);
  }, 60_000);
});
