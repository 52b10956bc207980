import { jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelCard } from '#scoring';
import { cdnowDeeds, storeDeeds } from '../../../../test/support/deeds.js';
import { churnwatch } from '../program.js';

// Each training is a dozen fits and a bootstrap: seconds, on a machine with nothing else to do.
jest.setTimeout(240_000);

describe('churnwatch score', () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-'));
  const before = process.env['DATA_DIR'];
  beforeAll(async () => {
    process.env['DATA_DIR'] = join(folder, 'data');
    await storeDeeds(process.env['DATA_DIR'], cdnowDeeds);
  });
  afterAll(() => {
    if (before === undefined) delete process.env['DATA_DIR'];
    else process.env['DATA_DIR'] = before;
    process.exitCode = 0;
    rmSync(folder, { recursive: true });
  });

  async function run(...words: readonly string[]) {
    const lines: string[] = [];
    process.exitCode = 0;
    const terminal = {
      say: (line: string) => void lines.push(line),
      bar: () => ({ advance: () => {}, end: () => {} }),
    };
    await churnwatch(terminal).parseAsync(['node', 'churnwatch', ...words]);
    return { well: process.exitCode === 0, text: lines.join('\n') };
  }
  const card = async (...words: readonly string[]): Promise<ModelCard> =>
    JSON.parse((await run('score', ...words, '--json')).text) as ModelCard;
  let [first, second] = ['', ''];

  it('has nothing to show or to promote before a training', async () => {
    for (const words of [['models'], ['show'], ['promote', 'x'], ['rollback']])
      expect(await run('score', ...words)).toMatchObject({ well: false });
  });

  it('trains the score that `evaluate` judges, and keeps it with the same figures', async () => {
    const trained = await card('train');
    first = trained.version;
    const figures = join(folder, 'figures.json');
    await run('evaluate', '--json', figures);
    const judged = JSON.parse(readFileSync(figures, 'utf8')) as {
      readonly scores: Readonly<Record<string, { readonly auc: number; readonly ece: number }>>;
      readonly calibration: ModelCard['evidence']['calibration'];
    };
    const { auc, ece } = judged.scores['shipped score']!;
    expect(trained.evidence.quality).toMatchObject({ auc, ece });
    expect(trained.evidence.calibration).toEqual(judged.calibration);
    expect(trained.model.features).toHaveLength(20);
    expect(trained.model.at).toBe(trained.data.lastAt);
  });

  it('knows the same training again', async () => {
    expect((await run('score', 'train')).text).toContain(`Score ${first} of tenant "default" under pack "app"`);
    const { text } = await run('score', 'models');
    expect(text.split('\n').filter((line) => line.includes(first))).toHaveLength(1);
    expect(text).toContain('None is in force');
  });

  it('lists versions side by side, puts one in force, and takes it back', async () => {
    second = (await card('train', '--horizon', '60d')).version;
    expect(second).not.toBe(first);
    expect(await run('score', 'promote', first)).toMatchObject({ well: true });
    expect(await run('score', 'promote', first)).toMatchObject({ well: false });
    expect(await run('score', 'promote', second)).toMatchObject({ well: true });
    const { text } = await run('score', 'models');
    expect(text).toMatch(/version +trained +foretells +within +data up to +rows +AUC/);
    expect(text).toMatch(new RegExp(`\\* +${second} .*60 d`));
    expect(text).toMatch(new RegExp(`\\n +${first} .*109 d`));
    expect(await run('score', 'rollback')).toEqual({ well: true, text: `${first} is in force again.` });
    expect((await run('score', 'models')).text).toMatch(
      new RegExp(`promoted ${first}\\n.*promoted ${second}\\n.*rolled back to ${first}\\n\\* ${first} is in force`),
    );
  });

  it('shows the one in force with its calibration, and any other by name', async () => {
    const { text } = await run('score', 'show');
    expect(text).toMatch(new RegExp(`^Score ${first} `));
    expect(text).toMatch(/told +rows +mean told +came\n0\.\.10 % /);
    expect(text).toMatch(/band +from +left below\nwatch .+\nhigh .+\ncritical /);
    expect(text).toMatch(/feature +weight +mean +spread\nBG\/NBD /);
    expect(await card('show', second)).toMatchObject({ version: second, model: { outcome: { event: null } } });
  });

  it('scores everybody at risk by the one in force, and as of an earlier day as one knew then', async () => {
    const customers = async (...words: readonly string[]) =>
      JSON.parse((await run('score', 'customers', ...words, '--json')).text) as {
        readonly version: string;
        readonly atRisk: number;
        readonly customers: readonly { readonly customer: string; readonly score: number; readonly band: string }[];
      };
    const all = await customers('--top', '5000');
    expect(all.version).toBe(first);
    expect(all.customers).toHaveLength(all.atRisk);
    expect(all.atRisk).toBeGreaterThan(100);
    const scores = all.customers.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(Math.min(...scores)).toBeGreaterThan(0);
    expect(Math.max(...scores)).toBeLessThan(1);
    expect(new Set(all.customers.map(({ band }) => band)).size).toBeGreaterThan(1);
    const [likeliest] = all.customers;
    expect((await customers(likeliest!.customer)).customers).toEqual([likeliest]);
    expect((await customers('nobody')).customers).toEqual([]);
    expect((await customers('--at', '1997-03-01')).atRisk).toBeGreaterThan(all.atRisk);
    const { text } = await run('score', 'customers', '--top', '3');
    expect(text).toMatch(/^"no activity" within 109 d as of 1998-06-30 .*, by \w+\nat risk: [\d,]+ \(critical \d/);
    expect(text.split('\n')).toHaveLength(6);
  });

  it('refuses a version that is not there, and names the one that was meant', async () => {
    const misspelt = `${first.slice(0, -1)}x`;
    expect(await run('score', 'promote', misspelt)).toEqual({
      well: false,
      text: `There is no score "${misspelt}", did you mean "${first}"?`,
    });
    expect((await run('score', 'show', second.slice(0, 3))).text).toContain(`did you mean "${second}"?`);
  });
});
