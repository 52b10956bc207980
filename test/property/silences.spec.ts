import type { Extent, Incident } from '#domain';
import { DAY, epochMs, extentText, HOUR, incidentId, MINUTE, plus, tenantId } from '#domain';
import { ClickHouseCellStore } from '#clickhouse';
import type { AppBaseOptions } from '#simulator';
import { simulate } from '#simulator';
import { Cells } from '../../libs/pipeline/src/incidents/cells.js';
import { Silences } from '../../libs/pipeline/src/incidents/silences.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import { seed } from '../support/seed.js';

/** A Monday, far from any holiday. */
const startAt = epochMs(Date.UTC(2026, 2, 2));
const tenant = tenantId('default');

interface Found {
  readonly extent: Extent;
  readonly foundMs: number;
  endedMs: number | null;
}

/** What is found of a base while it lives, six times a day, and every ten minutes around its outage; times since it began. */
async function found(options: AppBaseOptions): Promise<readonly Found[]> {
  const base = simulate(options);
  const { outage } = base.truth;
  const store = new EmbeddedStore('churnwatch_silences_test');
  try {
    await store.migrate();
    const silences = new Silences(new Cells(new ClickHouseCellStore(store.store), 20));
    const began = outage?.from ?? startAt;
    const all: Found[] = [];
    let open: Incident[] = [];
    let waiting = [];
    let next = plus(startAt, 4 * HOUR);
    const isClose = (at: number): boolean =>
      outage !== null && at >= outage.from - HOUR && at < outage.until + 6 * HOUR;
    for (const event of base.events()) {
      while (event.receivedAt >= next) {
        if (waiting.length > 0) await store.fold(waiting);
        waiting = [];
        for (const [, step] of await silences.steps(next, open)) {
          if (step.kind === 'opens') {
            const { extent } = step.spike;
            all.push({ extent, foundMs: next - began, endedMs: null });
            open.push({ id: incidentId(String(all.length - 1)), tenant, extent, beganAt: next } as Incident);
          } else if (step.kind === 'spreads') {
            open = open.map((one) => (one === step.incident ? { ...one, extent: step.extent } : one));
            all[Number(step.incident.id)] = { ...all[Number(step.incident.id)]!, extent: step.extent };
          } else if (step.kind === 'calms') {
            all[Number(step.incident.id)]!.endedMs = step.since - began;
            open = open.filter((one) => one !== step.incident);
          }
        }
        next = plus(next, isClose(next) ? 10 * MINUTE : 4 * HOUR);
      }
      waiting.push(event);
    }
    return all;
  } finally {
    await store.close();
  }
}

/** Versions that come and go, a crash, nights and weekends. */
const life = { customers: 6_000, days: 22, startAt };

/** One seed that this was made with, and whichever. */
it.each([5, seed])(
  'a version of which nothing arrives for six hours is found once, as what it is; seed %d',
  async (seed) => {
    // A Thursday, from ten o’clock, when 5.1.0 has been the newest for five days.
    const from = plus(startAt, 10 * DAY + 10 * HOUR);
    const outage = { appVersion: '5.1.0', from, until: plus(from, 6 * HOUR), withheld: 'late' } as const;
    const all = await found({ ...life, seed, outage });
    expect(all.map(({ extent }) => extentText(extent))).toEqual(['5.1.0']);
    // With so few customers it takes long: of forty of them something should have been heard by then.
    expect(all[0]!.foundMs).toBeLessThanOrEqual(4 * HOUR);
    expect(all[0]!.endedMs! - 6 * HOUR).toBeLessThanOrEqual(HOUR);
  },
  300_000,
);

it('nothing is found where everything arrives', async () => {
  expect(await found({ ...life, seed, outage: null })).toEqual([]);
}, 300_000);
