import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { addProcessMetrics, createMetrics } from '#platform';

const root = process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}
const rulesIn = (path: string): Rule[] =>
  (parse(read(path)) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);

const recording = rulesIn('deploy/prometheus/rules/recording.yml');
const alerts = rulesIn('deploy/prometheus/rules/alerts.yml');

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(read('deploy/grafana/dashboards/pipeline.json')) as {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: { readonly query: string } }[] };
};

/** Names of series that a scrape of any role can hold. */
async function seriesNames(): Promise<ReadonlySet<string>> {
  const { registry } = createMetrics({ rules: ['r'], channels: ['c'], topics: ['t'] });
  addProcessMetrics(registry);
  const names = new Set(['up', ...recording.map(({ record }) => record!)]);
  for (const { name, type } of await registry.getMetricsAsJSON()) {
    const isHistogram = String(type) === 'histogram';
    for (const suffix of isHistogram ? ['_bucket', '_sum', '_count'] : ['']) names.add(name + suffix);
  }
  return names;
}

const metricNames = (expr: string): string[] =>
  expr.match(/\b(?:churnwatch[_:][a-z0-9_:]+|process_[a-z_]+|up)\b/g) ?? [];

describe('what Prometheus and Grafana ask for', () => {
  const asked = [
    ...[...recording, ...alerts].map(({ record, alert, expr }) => [record ?? alert!, expr] as const),
    ...dashboard.panels.flatMap(({ title, targets }) => (targets ?? []).map(({ expr }) => [title, expr] as const)),
    ...dashboard.templating.list.map(({ query }) => ['variable', query.query] as const),
  ];

  it.each(asked)('%s names only metrics that exist', async (_, expr) => {
    const known = await seriesNames();
    const names = metricNames(expr);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('leaves no metric of ours out of both dashboard and rules', async () => {
    const { registry } = createMetrics({ rules: [], channels: [], topics: [] });
    const used = asked.flatMap(([, expr]) => metricNames(expr)).join(' ');
    const unused = (await registry.getMetricsAsJSON()).filter(({ name }) => !used.includes(name));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });
});

describe('every alert', () => {
  it.each(alerts.map((rule) => [rule.alert!, rule] as const))('%s says how bad it is and what to do', (name, rule) => {
    expect(['warning', 'critical']).toContain(rule.labels?.['severity']);
    expect(rule.annotations?.['summary']).toBeTruthy();
    expect(rule.annotations?.['description']).toBeTruthy();
    const [page, anchor] = rule.annotations!['runbook_url']!.split('#');
    const headings = read(page!)
      .split('\n')
      .filter((line) => line.startsWith('### '))
      .map((line) => line.slice(4).toLowerCase());
    expect(headings).toContain(anchor);
    expect(anchor).toBe(name.toLowerCase());
  });

  it.each(alerts.map(({ alert }) => alert!))('%s is proven to fire and to keep quiet', (name) => {
    const tests = (
      parse(read('deploy/prometheus/alerts.test.yml')) as {
        tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
      }
    ).tests.flatMap(({ alert_rule_test }) => alert_rule_test.filter(({ alertname }) => alertname === name));
    expect(tests.some(({ exp_alerts }) => exp_alerts !== undefined)).toBe(true);
    expect(tests.some(({ exp_alerts }) => exp_alerts === undefined)).toBe(true);
  });
});

describe('the dashboard', () => {
  it('reads the provisioned data source and explains every panel', () => {
    const source = parse(read('deploy/grafana/provisioning/datasources/prometheus.yaml')) as {
      datasources: { uid: string }[];
    };
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(new Set(panels.map(({ datasource }) => datasource?.uid))).toEqual(new Set([source.datasources[0]!.uid]));
    expect(panels.filter(({ description }) => !description)).toEqual([]);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const withPromtool = hasPromtool || process.env['REQUIRE_PROMTOOL'] === '1' ? describe : describe.skip;
if (!hasPromtool) process.stderr.write('SKIPPED: promtool is not installed (Debian package prometheus)\n');

withPromtool('promtool', () => {
  const promtool = (...words: string[]): string =>
    execFileSync('promtool', words, { cwd: join(root, 'deploy/prometheus'), encoding: 'utf8', stdio: 'pipe' });

  it('accepts the configuration and the rules', () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
  });

  it('sees every alert fire where it should', () => {
    expect(promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });

  it('parses every query of the dashboard', () => {
    const queries = dashboard.panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr));
    const rules = queries.map((query, index) => ({
      record: `panel:${index}`,
      expr: query.replaceAll('$__rate_interval', '5m').replaceAll('$rule', '.*'),
    }));
    const folder = mkdtempSync(join(tmpdir(), 'panels-'));
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    expect(promtool('check', 'rules', join(folder, 'rules.json'))).toContain(`${rules.length} rules found`);
    rmSync(folder, { recursive: true });
  });
});
