import { ClickHouseSilenceStore } from '#clickhouse';
import type { ActivityEvent, EpochMs } from '#domain';
import { DAY, epochMs, tenantId } from '#domain';
import { loadPack } from '#pipeline';
import { simulateTrade } from '#simulator';
import { EmbeddedStore } from '../../../../test/support/embedded-store.js';
import { benchFigures } from './bench-figures.js';
import { reportLines } from '../report/report-lines.js';
import { benchReport } from './bench-report.js';
import { benchChurn } from './churn-bench.js';

const tenant = tenantId('default');
const pack = loadPack('packs/telecom');

describe('the bench of churn definitions, on a base of which is known who left', () => {
  const embedded = new EmbeddedStore('churn_bench_test');
  const base = simulateTrade({
    trade: 'telecom',
    seed: 4,
    customers: 400,
    days: 300,
    startAt: epochMs(Date.UTC(2025, 0, 1)),
    shares: { 'silent-churn': 0.2, 'fading-churn': 0.1, away: 0.02 },
  });
  const events = [...base.events()];
  beforeAll(async () => {
    await embedded.migrate();
    for (let from = 0; from < events.length; from += 20_000) await embedded.fold(events.slice(from, from + 20_000));
  }, 120_000);
  afterAll(() => embedded.close());

  const bench = async (from: EpochMs, to: EpochMs, signal = new AbortController().signal) => {
    const question = { tenant, pack, level: 0.1, horizonDays: 60, from, to };
    return await benchChurn(question, new ClickHouseSilenceStore(embedded.store), () => {}, signal);
  };
  const lastActive = (of: readonly ActivityEvent[]): ReadonlyMap<string, number> =>
    new Map(of.filter(({ type }) => pack.churn.events.includes(type)).map((each) => [each.customer, each.occurredAt]));

  it('proposes a window behind which nearly all have really left, and hardly a leaver is missed', async () => {
    const found = (await bench(base.startAt, base.endAt))!;
    const { days, interval } = found.all.window!;
    expect(interval!.low).toBeLessThanOrEqual(days);
    const lostBefore = base.endAt - days * DAY;
    const called = [...lastActive(events)].filter(([, at]) => at <= lostBefore).map(([customer]) => customer);
    const left = base.truth.customers.filter(({ fates }) =>
      fates.some(
        ({ kind, at, until }) => ['silent-churn', 'fading-churn'].includes(kind) && (until ?? at) <= lostBefore,
      ),
    );
    const names = new Set<string>(left.map(({ customer }) => customer));
    expect(names.size).toBeGreaterThan(60);
    expect(called.filter((customer) => names.has(customer)).length / called.length).toBeGreaterThan(0.9);
    expect(called.filter((customer) => names.has(customer)).length / names.size).toBeGreaterThan(0.9);

    // Half as long calls many lost who are not: those come back.
    const shorter = found.headlines.find(({ bound }) => bound.afterMs === 14 * DAY)!;
    const proposed = found.headlines.find(({ definition }) => definition === 'proposed')!;
    expect(shorter.back / shorter.churned).toBeGreaterThan(0.6);
    expect(proposed.back / proposed.churned).toBeLessThan(0.15);
    expect(shorter.churned).toBeGreaterThan(2 * proposed.churned);
    expect(found.headlines.at(-1)).toMatchObject({ definition: 'pack', bound: pack.churn.churned });

    const text = reportLines(benchReport(pack, found, 'en')).join('\n');
    expect(text).toContain(`Proposed: lost after ${days} d (`);
    expect(text).toContain('platform android');
    expect(benchReport(pack, found, 'zh').about.join('\n')).toContain(`建议：沉默 ${days} 天`);
    expect(JSON.stringify(benchFigures(pack, found))).toContain(`"window":{"days":${days},"interval":{"low":`);
  });

  it('says so when there is too little to propose a window from', async () => {
    const found = (await bench(base.startAt, epochMs(base.startAt + 50 * DAY)))!;
    expect(found.all.window).toBeNull();
    expect(reportLines(benchReport(pack, found, 'en')).join('\n')).toContain('Too little data to propose a window');
  });

  it('ends with nothing when it is stopped', async () => {
    expect(await bench(base.startAt, base.endAt, AbortSignal.abort())).toBeNull();
  });
});
