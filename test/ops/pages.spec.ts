import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '#domain';
import { createMetrics, opsPaths, sectionNames, settingRows, shutdownOrder } from '#platform';

const root = process.cwd();
const operations = readFileSync(join(root, 'docs/operations.md'), 'utf8');

describe('docs/errors', () => {
  it('has one page for every code and none besides', () => {
    expect(readdirSync(join(root, 'docs/errors')).sort()).toEqual(errorCodes.map((code) => `${code}.md`).sort());
  });

  it.each(errorCodes)('%s says what it means and what to do', (code) => {
    const page = readFileSync(join(root, 'docs/errors', `${code}.md`), 'utf8');
    expect(page.startsWith(`# ${code}: `)).toBe(true);
    expect(page).toMatch(/## What it means\n\n\S[\s\S]+## What to do\n\n- /);
  });
});

describe('docs/operations.md', () => {
  it('names every metric with its labels', async () => {
    const { registry } = createMetrics({ rules: ['r'], channels: ['c'], topics: ['t'] });
    const missing = (await registry.getMetricsAsJSON()).filter(({ name }) => !operations.includes(`\`${name}`));
    expect(missing).toEqual([]);
    const invented = [...operations.matchAll(/`(churnwatch_[a-z_]+)/g)].filter(
      ([, name]) => !registry.getSingleMetric(name!),
    );
    expect(invented).toEqual([]);
  });

  it('names every operations page and the order of stopping', () => {
    expect(opsPaths.filter((path) => !operations.includes(path))).toEqual([]);
    const words = { 'stop-fetching': /stop\s+fetching/, 'finish-batches': /finish\s+the\s+batches/ } as Record<
      string,
      RegExp
    >;
    const places = shutdownOrder.map((stage) =>
      operations.search(words[stage] ?? new RegExp(stage.replace('-', '\\s+(the\\s+)?'))),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('mentions only settings that exist', () => {
    const known = new Set(sectionNames.flatMap((section) => settingRows(section).map(({ name }) => name)));
    const codes = new Set<string>(errorCodes);
    const mentioned = [...operations.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name!);
    expect(mentioned.filter((name) => !known.has(name) && !codes.has(name))).toEqual([]);
  });
});
