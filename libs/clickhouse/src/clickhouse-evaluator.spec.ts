import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActivityEvent, EventType } from '#domain';
import { customerId, DAY, epochMs, HOUR, ruleId, tenantId } from '#domain';
import { loadPack } from '#pipeline';
import { ClickHouseEvaluator, ClickHouseWindowStore, migrate, Store } from '#clickhouse';
import { z } from 'zod';
import { query } from './query.js';

const storedTransitions = query({
  name: 'stored-transitions',
  about: 'For this spec.',
  sql: `SELECT count() AS stored FROM $db.transition_v1 WHERE customer = 'eva'`,
  params: z.object({}),
  row: z.object({ stored: z.number() }),
});
const tenant = tenantId('default');
const start = Date.UTC(2026, 0, 1);

describe('evaluation in the embedded engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'churnwatch-evaluator-'));
  const store = new Store({ path: folder, database: 'evaluator_test' });
  const windows = new ClickHouseWindowStore(store);
  const evaluator = new ClickHouseEvaluator(store, loadPack('packs/app'));
  let offset = 0;

  const happened = (customer: string, type: EventType, atMs: number, amount: number | null = null): ActivityEvent => ({
    tenant,
    id: `${customer}-${type}-${atMs}`,
    source: 'test',
    type,
    customer: customerId(customer),
    occurredAt: epochMs(atMs),
    receivedAt: epochMs(atMs),
    amount,
    platform: 'ios',
    channel: 'appstore',
    appVersion: '5.1.0',
    attributes: {},
  });
  const fold = async (events: readonly ActivityEvent[]): Promise<void> => {
    const firstOffset = offset;
    offset += events.length;
    await windows.fold(
      { topic: 'churnwatch.activity.v1', partition: 0, epoch: 0, firstOffset, lastOffset: offset - 1 },
      events.map((event, index) => ({ ...event, offset: firstOffset + index })),
      await windows.takeOver('churnwatch.activity.v1', 0),
    );
  };
  const at = async (customer: string, asOf: number) => {
    const [evaluation] = await evaluator.evaluate([{ tenant, customer: customerId(customer), asOf: epochMs(asOf) }]);
    return evaluation!;
  };

  /** Follows the deadlines, as the sentinel does while every flag is down. */
  const breaksAt = async (customer: string, from: number, rule: string): Promise<number> => {
    let look = await at(customer, from);
    for (let looks = 0; looks < 50; looks++) {
      if (look.verdicts.get(ruleId(rule)) === 'breach') return look.asOf;
      expect(look.nextBreachAt).not.toBeNull();
      look = await at(customer, look.nextBreachAt!);
    }
    throw new Error('looked 50 times in vain');
  };

  beforeAll(async () => {
    await migrate(store);
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says when a silence that nothing interrupts will break the rule, to the millisecond', async () => {
    const days = Array.from({ length: 28 }, (_, day) => start + day * DAY + 9 * HOUR);
    await fold(days.map((day) => happened('ada', 'app_open', day)));
    const last = days.at(-1)!;

    const now = await at('ada', last);
    // 28 active days over 27 days, shrunk towards a gap of 3 days: (27 + 9) / 30.
    expect(now.signals['usual_gap_days']).toBeCloseTo(1.2, 12);
    expect(now.signals['silent_days']).toBe(0);
    expect(now.verdicts.get(ruleId('silent-beyond-rhythm'))).toBe('ok');

    // It breaks once silence exceeds both 3 x 1.2 and 5 days: at 5 days and a millisecond.
    expect(await breaksAt('ada', last, 'silent-beyond-rhythm')).toBe(last + 5 * DAY + 1);
    expect((await at('ada', last + 5 * DAY)).verdicts.get(ruleId('silent-beyond-rhythm'))).toBe('between');
  });

  it('counts nothing that happened after the instant it is asked for', async () => {
    const ten = start + 10 * HOUR;
    await fold([
      happened('bea', 'crash', ten + 1_000),
      happened('bea', 'crash', ten + 2_000),
      happened('bea', 'crash', ten + 3_000),
    ]);
    expect((await at('bea', ten + 2_000)).signals['crashes_24h']).toBe(2);
    expect((await at('bea', ten + 3_000)).verdicts.get(ruleId('crash-spike'))).toBe('breach');
    // The whole hour leaves a 24 h window together, 24 h after it began.
    expect((await at('bea', ten + 24 * HOUR - 1)).signals['crashes_24h']).toBe(3);
    expect((await at('bea', ten + 24 * HOUR)).signals['crashes_24h']).toBe(0);
  });

  it('stores a repeated chunk once, in events and in windows', async () => {
    const events = [
      { ...happened('cem', 'order', start, 20), offset: 10 },
      { ...happened('cem', 'order', start + DAY, 5), offset: 11 },
    ];
    const chunk = { topic: 'churnwatch.transaction.v1', partition: 3, epoch: 0, firstOffset: 10, lastOffset: 11 };
    await windows.fold(chunk, events, await windows.takeOver(chunk.topic, chunk.partition));
    await windows.fold(chunk, events, await windows.takeOver(chunk.topic, chunk.partition));
    const { signals } = await at('cem', start + 2 * DAY);
    expect(signals['spend_28d']).toBe(25);
    expect(signals['tenure_days']).toBe(2);
  });

  it('keeps the token of one insert away from the next', async () => {
    const chunk = { topic: 'churnwatch.transaction.v1', partition: 4, epoch: 0, firstOffset: 0, lastOffset: 0 };
    const fence = await windows.takeOver(chunk.topic, chunk.partition);
    await windows.fold(chunk, [{ ...happened('eva', 'order', start, 1), offset: 0 }], fence);
    const row = (id: string): string[] => [id, 'default', 'eva'];
    await store.insert('transition_v1', ['id', 'tenant', 'customer'], [row('first')]);
    await store.insert('transition_v1', ['id', 'tenant', 'customer'], [row('second')]);
    const [{ stored } = { stored: 0 }] = await store.rows(storedTransitions, {});
    expect(stored).toBe(2);
  });

  it('tells a statement that was refused from a store that is away', async () => {
    const refused = await store.command('SELECT nothing FROM $db.nowhere').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'STORE_REFUSED', retryable: false });
  });

  it('measures a complaint from the oldest that came after the last closing', async () => {
    await fold([
      happened('dan', 'complaint_opened', start),
      happened('dan', 'complaint_closed', start + DAY),
      happened('dan', 'complaint_opened', start + 2 * DAY),
      happened('dan', 'complaint_opened', start + 4 * DAY),
    ]);
    expect((await at('dan', start + 6 * DAY)).signals['complaint_open_days']).toBe(4);
    expect(await breaksAt('dan', start + 2 * DAY, 'complaint-open-too-long')).toBe(start + 5 * DAY + 1);
    await fold([happened('dan', 'complaint_closed', start + 6 * DAY + 1)]);
    expect((await at('dan', start + 7 * DAY)).signals['complaint_open_days']).toBe(0);
  });

  it('takes customer ids as values, whatever they look like', async () => {
    const hostile = `x' OR 1=1 --\\ {tenant:String} "`;
    await fold([happened(hostile, 'order', start, 1)]);
    expect((await at(hostile, start + 1)).signals['spend_28d']).toBe(1);
  });
});
