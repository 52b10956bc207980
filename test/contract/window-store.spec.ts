import { ClickHouseWindowStore } from '#clickhouse';
import type { Plan, WindowStore } from '#pipeline';
import { MemoryWindowStore } from '#pipeline/testing';
import { aCustomer } from '../support/a-customer.js';
import { EmbeddedStore } from '../support/embedded-store.js';

const embedded = new EmbeddedStore('window_store_test');
beforeAll(async () => {
  await embedded.migrate();
});
afterAll(() => embedded.close());

const stores: readonly (readonly [string, () => WindowStore])[] = [
  ['in memory', () => new MemoryWindowStore()],
  ['in the engine', () => new ClickHouseWindowStore(embedded.store)],
];
let topics = 0;

describe.each(stores)('the window store %s', (_, open) => {
  const aPlan = (topic: string, firstOffset: number, lastOffset: number, epoch = 0): Plan => ({
    topic,
    partition: 0,
    epoch,
    firstOffset,
    lastOffset,
    firstPrint: `${firstOffset}`,
    lastPrint: `${lastOffset}`,
  });
  const aTopic = (): string => `topic-${topics++}`;
  const bounds = (plans: readonly Plan[]): number[][] => plans.map((plan) => [plan.firstOffset, plan.lastOffset]);

  it('remembers the chunk planned last, for each partition by itself', async () => {
    const [windows, t] = [open(), aTopic()];
    expect(await windows.lastPlan(t, 0)).toBeNull();
    const fence = await windows.takeOver(t, 0);
    await windows.plan(aPlan(t, 0, 9), fence);
    await windows.plan(aPlan(t, 10, 12), fence);
    await windows.plan({ ...aPlan(t, 0, 50), partition: 1 }, await windows.takeOver(t, 1));
    expect(await windows.lastPlan(t, 0)).toMatchObject(aPlan(t, 10, 12));
    await windows.plan(aPlan(t, 0, 3, 1), fence);
    expect(await windows.lastPlan(t, 0)).toMatchObject(aPlan(t, 0, 3, 1));
  });

  it('never takes the plan of somebody who lost the partition for a later one', async () => {
    const [windows, t] = [open(), aTopic()];
    const before = await windows.takeOver(t, 0);
    await windows.plan(aPlan(t, 0, 9), before);
    const now = await windows.takeOver(t, 0);
    expect(now.generation).toBe(before.generation + 1);
    await windows.plan(aPlan(t, 10, 12), now);
    await windows.plan(aPlan(t, 10, 90), before);
    await windows.plan(aPlan(t, 91, 99), before);
    expect(await windows.lastPlan(t, 0)).toMatchObject(aPlan(t, 10, 12));
  });

  it('names earlier chunks, ever farther apart, as far as the log reaches', async () => {
    const [windows, t] = [open(), aTopic()];
    const fence = await windows.takeOver(t, 0);
    for (let n = 0; n < 12; n++) await windows.plan(aPlan(t, n * 10, n * 10 + 9), fence);
    await windows.plan(aPlan(t, 0, 9, 1), fence);
    const last = aPlan(t, 110, 119);
    const all = { startOffset: 0, endOffset: 1_000 };
    const nearest = [100, 90, 70, 30, 0].map((first) => [first, first + 9]);
    expect(bounds(await windows.plansBefore(last, all))).toEqual(nearest);
    expect(bounds(await windows.plansBefore(last, { startOffset: 75, endOffset: 105 }))).toEqual([
      [90, 99],
      [80, 89],
    ]);
    expect(await windows.plansBefore(aPlan(t, 0, 9), all)).toEqual([]);
  });

  it('folds nothing for somebody who lost the partition, not even a chunk without events', async () => {
    const [windows, t] = [open(), aTopic()];
    const before = await windows.takeOver(t, 0);
    const [order] = aCustomer('ada').does('order').events;
    const at = (offset: number) => [{ ...order!, offset }];
    await windows.fold(aPlan(t, 0, 0), at(0), before);
    const now = await windows.takeOver(t, 0);
    await expect(windows.fold(aPlan(t, 1, 1), at(1), before)).rejects.toMatchObject({ code: 'FENCED' });
    await expect(windows.fold(aPlan(t, 2, 2), [], before)).rejects.toMatchObject({ code: 'FENCED' });
    await windows.fold(aPlan(t, 1, 1), at(1), now);
    await windows.fold(aPlan(t, 2, 2), [], now);
  });
});
