import { ClickHouseFlagStore, ClickHouseJournal, migrate } from '#clickhouse';
import type { Alert, EpochMs, FlagState, Transition } from '#domain';
import { customerId, epochMs, ruleId, tenantId } from '#domain';
import { InProcessLog, InProcessServer, partitionOf } from '#kafka';
import type { Decision, KnownCustomer, LogMessage, RecordBatch, Share } from '#pipeline';
import { z } from 'zod';
import { aCustomer } from '../support/a-customer.js';
import { anAlert } from '../support/an-alert.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import { waitUntil } from '../support/kafka-broker/wait-until.js';

const tenant = tenantId('default');
const embedded = new EmbeddedStore('store_test');
const everybody: Share = { partitions: [0, 1, 2], count: 3 };
const byText = (a: string, b: string): number => (a < b ? -1 : 1);

beforeAll(async () => {
  await embedded.migrate();
});
afterAll(() => embedded.close());
beforeEach(async () => {
  const tables = await embedded.store.rows(
    {
      name: 'tables',
      about: 'For this spec.',
      sql: `SELECT name FROM system.tables WHERE database = '$db' AND engine LIKE '%MergeTree' AND name != 'migration_v1'`,
      params: z.object({}),
      row: z.object({ name: z.string() }),
    },
    {},
  );
  for (const { name } of tables) await embedded.store.command(`TRUNCATE TABLE $db.${name}`);
});

/** In pages so small that there are several. */
async function everyoneOf(share: Share, since: EpochMs, news = noNews): Promise<readonly KnownCustomer[]> {
  const known: KnownCustomer[] = [];
  for await (const page of new ClickHouseFlagStore(embedded.store, 7).customers(share, since, news))
    known.push(...page);
  return known;
}
const noNews = { receivedAfter: epochMs(9e15), occurredAfter: epochMs(0) };

describe('migrations', () => {
  it('are applied once, in order, and never again', async () => {
    expect(await migrate(embedded.store)).toEqual([]);
    const more = {
      version: 9_999,
      name: 'one more',
      statements: ['CREATE TABLE IF NOT EXISTS $db.more_v1 (a Int8) ENGINE = Memory'],
    };
    expect(await migrate(embedded.store, [more])).toEqual(['9999 one more']);
    expect(await migrate(embedded.store, [more])).toEqual([]);
  });

  it('refuse to go on when one that was applied reads otherwise now', async () => {
    const changed = { version: 1, name: 'events', statements: ['SELECT 1'] };
    await expect(migrate(embedded.store, [changed])).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  });

  it('may run twice at once on an empty database', async () => {
    await embedded.store.command('DROP DATABASE $db');
    await Promise.all([migrate(embedded.store), migrate(embedded.store)]);
    expect(await migrate(embedded.store)).toEqual([]);
    await embedded.fold(aCustomer('ada').does('order').events);
    expect(await everyoneOf(everybody, epochMs(0))).toHaveLength(1);
  });
});

const aMove = (customer: string, to: FlagState, at: number, more: Partial<Transition> = {}): Transition => ({
  id: `${customer}-${to}-${at}`,
  sequence: 1,
  tenant,
  customer: customerId(customer),
  rule: ruleId('silent'),
  ruleVersion: 'v',
  episode: 1,
  from: 'clear',
  to,
  becameDueAt: epochMs(at),
  detectedAt: epochMs(at + 5),
  severity: 'high',
  reason: 'silence',
  evidence: { silent_days: 9.25, usual_gap_days: null },
  clearedAt: null,
  amends: null,
  ...more,
});
const said = (transition: Transition, alert: Alert | null = null): Decision => ({ transition, alert });

describe('the flag store', () => {
  const flags = () => new ClickHouseFlagStore(embedded.store);

  it('tells of what occurred since, and of what came in since though it occurred before, within bounds', async () => {
    const day = (n: number) => epochMs(Date.UTC(2026, 0, n));
    const [early, late, fresh] = aCustomer('ada').repeats('order', 1, 3).events;
    const visits = [
      { ...early!, occurredAt: day(2), receivedAt: day(11) },
      { ...late!, occurredAt: day(8), receivedAt: day(11) },
      { ...fresh!, occurredAt: day(12), receivedAt: day(12) },
    ];
    await embedded.fold(visits);
    const touched = async (news?: typeof noNews) => (await everyoneOf(everybody, day(10), news))[0]!.touchedAt;
    expect(await touched()).toEqual([day(12)]);
    expect(await touched({ receivedAfter: day(10), occurredAfter: day(3) })).toEqual([day(8), day(12)]);
    expect(await touched({ receivedAfter: day(11), occurredAfter: day(3) })).toEqual([day(12)]);
  });

  it('restores a flag from its last move: state, since, episode and the anchor of its cooldown', async () => {
    await flags().append(
      [
        said(aMove('ada', 'firing', 1_000), anAlert()),
        said(aMove('ada', 'clear', 2_000, { sequence: 2, from: 'firing', clearedAt: epochMs(2_000) })),
        said(aMove('ada', 'pending', 9_000, { sequence: 3, episode: 2, clearedAt: epochMs(2_000) })),
        said(aMove('bea', 'firing', 3_000)),
      ],
      [],
    );
    const loaded = [...(await flags().load(everybody))].sort((a, b) => byText(a.customer, b.customer));
    expect(loaded.map(({ customer, flag }) => [customer, flag])).toEqual([
      ['ada', { state: 'pending', since: 9_000, episode: 2, clearedAt: 2_000 }],
      ['bea', { state: 'firing', since: 3_000, episode: 1, clearedAt: null }],
    ]);
  });

  it('takes a repeated decision as the one it was', async () => {
    const decision = said(aMove('ada', 'firing', 1_000), anAlert());
    await flags().append([decision], []);
    await flags().append([decision], []);
    expect(await flags().unpublished(everybody)).toEqual([decision]);
    expect(await flags().load(everybody)).toHaveLength(1);
    await flags().append([], []);
  });

  it('names what was never published, oldest first, alert and evidence as they were', async () => {
    const decisions = [
      said(aMove('ada', 'firing', 1_000), anAlert({ text: { en: `it's "quoted" \\ {x:String}`, zh: '沉默' } })),
      said(aMove('bea', 'pending', 2_000)),
      said(aMove('客户 "三"', 'firing', 3_000), anAlert()),
    ];
    await flags().append([decisions[2]!, decisions[0]!, decisions[1]!], []);
    expect(await flags().unpublished(everybody)).toEqual(decisions);
    await flags().markPublished([decisions[0]!, decisions[2]!], epochMs(5_000));
    await flags().markPublished([decisions[0]!], epochMs(6_000));
    expect(await flags().unpublished(everybody)).toEqual([decisions[1]]);
  });

  it('gives each share the customers whose keys Kafka would put there', async () => {
    const names = [
      'ada',
      'bea',
      '客户',
      'é',
      '',
      'x'.repeat(300),
      'a\u0001b',
      ...Array.from({ length: 60 }, (_, i) => `c-${i * 7919}`),
    ];
    const known = names.filter((name) => name !== '');
    await flags().append(
      known.map((name) => said(aMove(name, 'firing', 1_000))),
      [],
    );
    await embedded.fold(known.flatMap((name) => aCustomer(name).does('order').events));
    for (const count of [1, 3, 12]) {
      for (let partition = 0; partition < count; partition++) {
        const share = { partitions: [partition], count };
        const own = known.filter((name) => partitionOf(name, count) === partition).sort(byText);
        expect((await flags().load(share)).map(({ customer }) => customer as string).sort(byText)).toEqual(own);
        const customers = await everyoneOf(share, epochMs(0));
        expect(customers.map(({ customer }) => customer as string).sort(byText)).toEqual(own);
        expect(await flags().unpublished(share)).toHaveLength(own.length);
      }
    }
  });

  it('knows everybody, and what they did after an instant', async () => {
    const ada = aCustomer('ada').does('order').later(1).does('order').later(1).does('order');
    const times = ada.events.map(({ occurredAt }) => occurredAt);
    await embedded.fold([...ada.events, ...aCustomer('bea').does('order').events]);
    const known = await everyoneOf(everybody, times[0]!);
    expect([...known].sort((a, b) => byText(a.customer, b.customer))).toEqual([
      { tenant, customer: 'ada', touchedAt: times.slice(1) },
      { tenant, customer: 'bea', touchedAt: [] },
    ]);
  });

  it('keeps what an amendment replaces, and numbers of episodes that were taken back', async () => {
    const amends = epochMs(1_000);
    await flags().append([said(aMove('ada', 'firing', 1_000, { episode: 4 }), anAlert())], []);
    await flags().append([said(aMove('ada', 'retracted', 1_000, { sequence: 2, episode: 4, amends }))], []);
    const [first, second] = await flags().history([{ tenant, customer: customerId('ada') }]);
    expect([first!.transition.amends, second!.transition.amends]).toEqual([null, amends]);
    expect(await flags().load(everybody)).toMatchObject([{ flag: { state: 'retracted' }, sequence: 2, spent: 4 }]);
    await flags().append([said(aMove('ada', 'clear', 500, { id: 'x', sequence: 3, episode: 3, amends }))], []);
    expect(await flags().load(everybody)).toMatchObject([{ flag: { state: 'clear', since: 500 }, spent: 4 }]);
    expect(await flags().history([{ tenant, customer: customerId('bea') }])).toEqual([]);
  });

  it('stores nothing for a sentinel whose share somebody else has taken', async () => {
    const share = { partitions: [0, 1], count: 2 };
    const mine = await flags().takeOver(share);
    const moves = [said(aMove('ada', 'firing', 1_000)), said(aMove('bea', 'firing', 1_000))];
    await flags().append(moves, mine);
    const theirs = await flags().takeOver({ partitions: [1], count: 2 });
    await flags().mustHold([mine[0]!, ...theirs]);
    await expect(flags().mustHold(mine)).rejects.toMatchObject({ code: 'FENCED' });
    const more = [said(aMove('ada', 'clear', 2_000)), said(aMove('bea', 'clear', 2_000))];
    await expect(flags().append(more, mine)).rejects.toMatchObject({ code: 'FENCED' });
    expect(await flags().unpublished(everybody)).toHaveLength(2);
    await flags().append(more, [mine[0]!, ...theirs]);
    expect(await flags().unpublished(everybody)).toHaveLength(4);
  });

  it('renews a fence against what is still on its way, unless somebody else has taken over', async () => {
    const share = { partitions: [0], count: 3 };
    const taken = await flags().takeOver(share);
    const renewed = await flags().renew(taken);
    await flags().mustHold(renewed);
    const late = flags().append([said(aMove('dan', 'firing', 1_000))], taken);
    await expect(late).rejects.toMatchObject({ code: 'FENCED' });
    // The answer to a renewal may be lost as well.
    const again = await flags().renew(taken);
    await expect(flags().mustHold(renewed)).rejects.toMatchObject({ code: 'FENCED' });
    await flags().takeOver(share);
    await expect(flags().renew(again)).rejects.toMatchObject({ code: 'FENCED' });
  });

  it('says what customers did, each since an instant of their own', async () => {
    const ada = aCustomer('ada').does('order').later(1).does('crash').does('order').later(1).does('order');
    const bea = aCustomer('bea').does('order').later(5).does('refund');
    await embedded.fold([...ada.events, ...bea.events]);
    const times = ada.events.map(({ occurredAt }) => occurredAt);
    const asked = [
      { tenant, customer: ada.id, since: times[1]! },
      { tenant, customer: bea.id, since: epochMs(bea.now) },
      { tenant, customer: customerId('cem'), since: epochMs(0) },
    ];
    const found = [...(await flags().eventsSince(asked))].sort((a, b) => byText(a.customer, b.customer));
    expect(found).toEqual([
      {
        ...asked[0],
        events: [
          [times[1], 'crash'],
          [times[1], 'order'],
          [times[3], 'order'],
        ],
      },
      { ...asked[1], events: [[bea.now, 'refund']] },
    ]);
  });

  it('says how far deadlines were decided: the earliest of the share, nothing while a part is unknown', async () => {
    expect(await flags().decidedUpTo(everybody)).toBeNull();
    await flags().recordDecidedUpTo({ partitions: [0, 1], count: 3 }, epochMs(5_000));
    expect(await flags().decidedUpTo(everybody)).toBeNull();
    expect(await flags().decidedUpTo({ partitions: [0, 1], count: 3 })).toBe(5_000);
    await flags().recordDecidedUpTo({ partitions: [2], count: 3 }, epochMs(4_000));
    expect(await flags().decidedUpTo(everybody)).toBe(4_000);
    await flags().recordDecidedUpTo({ partitions: [2], count: 3 }, epochMs(6_000));
    expect(await flags().decidedUpTo(everybody)).toBe(5_000);
    expect(await flags().decidedUpTo({ partitions: [0, 1, 2], count: 4 })).toBeNull();
  });
});

describe('the journal', () => {
  const message = (key: string, value: Uint8Array | null): LogMessage => ({ key, value, timestamp: epochMs(1_000) });
  const strange = [
    message(
      'bytes',
      Uint8Array.from({ length: 256 }, (_, i) => i),
    ),
    message('tombstone', null),
    message('empty', new Uint8Array()),
    message('text', Buffer.from('\ufeff客户 \u0000 \\n "\' {x:Int8}\u2028')),
    message('客户 \\ "', Buffer.from([0xc3, 0x28])),
  ];

  it('gives back every byte, and tells a tombstone from nothing', async () => {
    const journal = new ClickHouseJournal(embedded.store);
    expect(await journal.ends()).toEqual([]);
    await journal.append('t', 1, 5, strange);
    expect(await journal.ends()).toEqual([{ topic: 't', partition: 1, startOffset: 5, endOffset: 10 }]);
    const read = await journal.read('t', 1, 0, 100);
    expect(read.map(({ offset, key, value }) => [offset, key, value === null ? null : [...value]])).toEqual(
      strange.map(({ key, value }, index) => [5 + index, key, value === null ? null : [...value]]),
    );
    expect((await journal.read('t', 1, 7, 2)).map(({ offset }) => offset)).toEqual([7, 8]);
    expect(await journal.read('t', 0, 0, 100)).toEqual([]);
  });

  it('carries the embedded log over a restart: offsets go on, what nobody read comes again', async () => {
    const topic = { name: 'log', partitioned: true, config: {}, durable: true, about: '' };
    const openLog = () =>
      new InProcessLog({ topics: [topic], partitions: 1, journal: new ClickHouseJournal(embedded.store) });
    const before = openLog();
    await before.append('log', strange);
    await before.close();
    await embedded.reopen();

    const after = openLog();
    expect(await after.ends(['log'])).toEqual([{ topic: 'log', partition: 0, startOffset: 0, endOffset: 5 }]);
    const seen: [number, string | null, number[] | null][] = [];
    const server = new InProcessServer(after, { startAt: () => Promise.resolve(2) });
    const handler = (batch: RecordBatch): Promise<number> => {
      for (const { offset, key, value } of batch.records) seen.push([offset, key, value && [...value]]);
      return Promise.resolve(batch.records.at(-1)!.offset + 1);
    };
    server.addHandler('log', handler as never, true, { group: 'reader' });
    await new Promise<void>((resolve, reject) =>
      server.listen((error) => (error ? reject(error as Error) : resolve())),
    );
    await after.append('log', [message('new', Buffer.from('x'))]);
    await waitUntil(() => seen.length >= 4, 20_000, 'what was unread and what is new');
    await server.close();
    await after.close();
    const unread = strange.slice(2).map(({ key, value }, index) => [2 + index, key, value && [...value]]);
    expect(seen).toEqual([...unread, [5, 'new', [...Buffer.from('x')]]]);
  });
});
