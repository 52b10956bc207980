import { jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventType } from '#domain';
import { DAY, epochMs } from '#domain';
import { qualityOf, seeded } from '#scoring';
import type { Deed } from '../../../../test/support/deeds.js';
import { cdnowDeeds, storeDeeds } from '../../../../test/support/deeds.js';
import { evaluateScore } from './evaluate-score.js';

// Each is an engine with a history of its own and a dozen fits: seconds, on a machine with nothing else to do.
jest.setTimeout(120_000);

const noBar = { advance: () => {}, end: () => {} };

/** Subscribers who pay each month and come as they like; some weary: they come less, complain, and cancel weeks later. */
function subscribers(count: number, days: number): readonly Deed[] {
  const random = seeded(4);
  const startAt = Date.UTC(2025, 0, 1);
  const deeds: Deed[] = [];
  for (let i = 0; i < count; i++) {
    const deed = (day: number, type: EventType, amount: number | null = null): void =>
      void deeds.push({ customer: `s${i}`, at: startAt + Math.round(day * DAY), type, amount });
    const born = Math.floor(random() * days * 0.6);
    const visits = 0.15 + 0.5 * random();
    const wearyFrom = born + 20 - 250 * Math.log(1 - random());
    const leavesAt = Math.floor(wearyFrom + 12 + 40 * random());
    for (let day = born; day < Math.min(days, leavesAt); day++) {
      const weary = day > wearyFrom;
      if ((day - born) % 30 === 0) deed(day + 0.1, 'payment', 20);
      if (random() < visits * (weary ? 0.3 : 1)) deed(day + random(), 'session_start');
      if (random() < (weary ? 0.05 : 0.004)) deed(day + random(), 'complaint_opened');
    }
    if (leavesAt < days) deed(leavesAt + 0.5, 'cancellation');
  }
  return deeds;
}

describe('churnwatch evaluate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
  let turn = 0;
  afterAll(() => rmSync(folder, { recursive: true }));

  async function evaluated(deeds: readonly Deed[], asked: Partial<Parameters<typeof evaluateScore>[0]>) {
    turn += 1;
    const env = { DATA_DIR: join(folder, String(turn)) };
    await storeDeeds(env.DATA_DIR, deeds);
    const lines: string[] = [];
    const [json, scores] = [join(folder, `${turn}.json`), join(folder, `${turn}.csv`)];
    const request = { event: null, json, scores, env, signal: new AbortController().signal, ...asked };
    const well = await evaluateScore(request, { say: (line) => void lines.push(line), bar: () => noBar });
    return { well, lines, json, scores };
  }
  const figuresIn = (path: string) =>
    JSON.parse(readFileSync(path, 'utf8')) as {
      readonly scores: Readonly<Record<string, { readonly auc: number; readonly brier: number; readonly ece: number }>>;
      readonly gain: { readonly over: string; readonly auc: number; readonly interval: { readonly low: number } };
      readonly lead: { readonly rows: readonly { readonly gainedDays: number }[] } | null;
      readonly trained: readonly {
        readonly at: string;
        readonly cutOffs: readonly string[];
        readonly periodDays: number;
      }[];
    };

  it('on CDNOW’s buyers, 39 weeks ahead of labels that had not matured, beats every simpler score', async () => {
    const cutOffs = [epochMs(Date.parse('1997-09-30'))];
    const { lines, json, scores } = await evaluated(cdnowDeeds, { horizonMs: 273 * DAY, cutOffs });
    const figures = figuresIn(json);
    expect(figures.scores['BG/NBD']!.auc.toFixed(3)).toBe('0.757');
    const { auc, brier, ece } = figures.scores['shipped score']!;
    expect(auc).toBeGreaterThanOrEqual(0.779);
    expect(brier).toBeLessThanOrEqual(0.16);
    expect(ece).toBeLessThanOrEqual(0.05);
    expect(figures.gain.auc).toBeGreaterThan(0);
    for (const { at, cutOffs, periodDays } of figures.trained)
      for (const cutOff of cutOffs) expect(Date.parse(cutOff) + periodDays * DAY).toBeLessThanOrEqual(Date.parse(at));
    expect(lines.join('\n')).toContain('lead: not measured');
    const rows = readFileSync(scores, 'utf8').trim().split('\n');
    expect(rows[0]).toBe('customer,cutoff,score,label');
    const again = rows.slice(1).map((row) => row.split(','));
    expect(qualityOf(again.map(([, , score, label]) => ({ score: Number(score), label: label === '1' }))).auc).toBe(
      auc,
    );
  });

  it('with defaults untouched on the same, is calibrated, better than one-line rules, and earlier than a silence', async () => {
    const figures = figuresIn((await evaluated(cdnowDeeds, {})).json);
    expect(figures.gain.interval.low).toBeGreaterThan(0);
    expect(figures.scores['shipped score']!.ece).toBeLessThanOrEqual(0.05);
    for (const { gainedDays } of figures.lead!.rows) expect(gainedDays).toBeGreaterThanOrEqual(8);
  });

  it('foretells dated cancellations', async () => {
    const figures = figuresIn((await evaluated(subscribers(700, 400), { event: 'cancellation' })).json);
    expect(figures.gain.auc).toBeGreaterThan(0.05);
    expect(figures.scores['shipped score']!.ece).toBeLessThanOrEqual(0.05);
  });

  it('says when there is nothing to evaluate, and what cannot be asked', async () => {
    expect(await evaluated([], {})).toMatchObject({ well: false, lines: [expect.stringMatching(/no event/)] });
    const cutOffs = [epochMs(Date.parse('1998-06-01'))];
    await expect(evaluated(cdnowDeeds, { horizonMs: 60 * DAY, cutOffs })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    const alone = [0, 1, 40].map((day): Deed => ({ customer: 'a', at: day * DAY + 1e12, type: 'order', amount: 1 }));
    expect(await evaluated(alone, {})).toMatchObject({
      well: false,
      lines: [expect.stringMatching(/anything to learn/)],
    });
  });
});
