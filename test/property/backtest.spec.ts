import fc from 'fast-check';
import type { ActivityEvent, EpochMs, Pack } from '#domain';
import { customerId, DAY, epochMs, HOUR, tenantId } from '#domain';
import { ClickHouseEvaluator, ClickHouseHistoryStore } from '#clickhouse';
import type { HistoryStore } from '#pipeline';
import { backtest, loadPack } from '#pipeline';
import { simulate } from '#simulator';
import { EmbeddedStore } from '../support/embedded-store.js';
import type { ExpectedMove } from '../support/oracle.js';
import { expectedMoves } from '../support/oracle.js';
import { histories, packs } from '../support/random-packs.js';
import { seed } from '../support/seed.js';

const tenant = tenantId('default');
const lineOf = ({ customer, rule, from, to, episode, becameDueAt }: ExpectedMove): string =>
  `${customer} ${rule} ${from}->${to} #${episode} ${new Date(becameDueAt).toISOString()}`;

describe(`a backtest, against a reference that steps through every customer's life (seed ${seed})`, () => {
  const embedded = new EmbeddedStore('backtest_test');
  const stored = new ClickHouseHistoryStore(embedded.store);

  /** Few customers a page, so that a base is put together from many. */
  const smallPages: HistoryStore = {
    extent: (of) => stored.extent(of),
    pages: (question) => stored.pages({ ...question, customersAtOnce: 25 }),
  };
  const played = async (pack: Pack, upTo: EpochMs, source: HistoryStore): Promise<string[]> => {
    const lines: string[] = [];
    for await (const page of backtest({
      evaluator: new ClickHouseEvaluator(embedded.store, pack),
      histories: source,
      question: { tenant, upTo, marked: null },
      extent: (await source.extent(tenant))!,
      onProgress: () => {},
      signal: new AbortController().signal,
    })) {
      for (const { history, moves } of page)
        for (const { at, ...move } of moves)
          lines.push(lineOf({ ...move, customer: history.customer, becameDueAt: at }));
    }
    return lines.sort();
  };

  const feed = simulate({ seed: 20260105, customers: 24, days: 50, startAt: epochMs(Date.UTC(2026, 0, 5)) });
  const drawn: readonly ActivityEvent[] = fc.sample(histories, { numRuns: 25, seed }).flatMap((history, index) =>
    history.map(({ type, at, amount }, place) => ({
      tenant,
      id: `drawn-${index}-${place}`,
      source: 'drawn',
      type,
      customer: customerId(`drawn-${index}`),
      occurredAt: epochMs(at),
      receivedAt: epochMs(at),
      amount,
      platform: '',
      channel: '',
      appVersion: '',
      attributes: {},
    })),
  );
  const events = [...feed.events(), ...drawn];

  beforeAll(async () => {
    await embedded.migrate();
    for (let from = 0; from < events.length; from += 5_000) await embedded.fold(events.slice(from, from + 5_000));
  }, 120_000);
  afterAll(() => embedded.close());

  it('moves the same flags at the same millisecond, in pages and in one', async () => {
    const pack = loadPack('packs/app');
    // In the middle of it: what came later must not be known.
    const upTo = epochMs(feed.endAt - 9 * DAY - 7 * HOUR - 1);
    const expected = expectedMoves(events, pack, tenant, upTo).map(lineOf).sort();
    expect(await played(pack, upTo, stored)).toEqual(expected);
    expect(await played(pack, upTo, smallPages)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(15);
  }, 240_000);

  it('moves the same flags whatever the rules are', async () => {
    const policies = [0, 6 * HOUR, 3 * DAY].map((pendingMs, index) => ({
      pendingMs,
      recoverMs: [0, 12 * HOUR, 1][index]!,
      cooldownMs: [10 * DAY, 0, 1][index]!,
    }));
    const upTo = epochMs(Date.UTC(2026, 3, 10));
    const drawnOnly: HistoryStore = {
      extent: (of) => stored.extent(of),
      async *pages(question) {
        for await (const page of stored.pages(question))
          yield page.filter(({ customer }) => customer.startsWith('drawn-'));
      },
    };
    for (const drawnPack of fc.sample(packs, { numRuns: 3, seed })) {
      const rules = drawnPack.rules.map((rule, index) => ({ ...rule, policy: policies[index % policies.length]! }));
      const pack = { ...drawnPack, rules };
      const expected = expectedMoves(drawn, pack, tenant, upTo).map(lineOf).sort();
      expect(await played(pack, upTo, drawnOnly)).toEqual(expected);
    }
  }, 240_000);
});
