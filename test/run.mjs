#!/usr/bin/env node
// Runs every suite in two lanes that take about as long, and sums up: what mostly computes runs beside what mostly waits, for
// brokers that come back and processes that are broken.
// `node test/run.mjs unit acceptance` runs only those.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withMemoryFolder } from './support/memory-folder.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const suites = {
  unit: ['libs', 'apps'],
  contract: ['test/contract'],
  property: ['test/property', 'test/support', 'test/bench'],
  detection: ['test/detection'],
  acceptance: ['test/acceptance'],
  tutorial: ['test/tutorial'],
  ops: ['test/ops'],
  kafka: ['test/integration'],
  browser: ['test/browser'],
  chaos: ['test/chaos'],
};
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in suites));
if (unknown.length > 0) {
  process.stderr.write(`There is no suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}.\n`);
  process.exit(2);
}

const results = join(root, '.churnwatch', 'test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const lanes = [
  ['browser', 'unit', 'contract', 'property', 'detection', 'ops', 'tutorial'],
  ['acceptance', 'kafka', 'chaos'],
];
const done = await Promise.all(lanes.map(runLane));
const names = Object.keys(suites);
const rows = done.flat().toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));

async function runLane(lane) {
  const own = [];
  for (const name of lane) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const present = suites[name].filter((folder) => existsSync(join(root, folder)));
    if (present.length > 0) own.push(await runSuite(name, present));
  }
  return own;
}

async function runSuite(name, folders) {
  process.stdout.write(`\n== ${name} ==\n`);
  const outputFile = join(results, `${name}.json`);
  const startedAt = performance.now();
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const ways = ['--runInBand', '--passWithNoTests', '--forceExit', '--json', `--outputFile=${outputFile}`];
  const run = spawn(process.execPath, [...jest, ...ways, '--', ...folders], {
    cwd: root,
    env: withMemoryFolder(process.env),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const status = await new Promise((resolve) => run.once('exit', resolve));
  return { name, seconds: (performance.now() - startedAt) / 1000, ...countsOf(outputFile, status) };
}

process.stdout.write(
  `\n${'suite'.padEnd(12)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}\n`,
);
for (const row of rows) {
  const figures = [
    String(row.passed).padStart(8),
    String(row.failed).padStart(8),
    String(row.skipped).padStart(9),
    row.seconds.toFixed(1).padStart(9),
  ];
  process.stdout.write(`${row.name.padEnd(12)}${figures.join('')}\n`);
}
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
process.stdout.write(`\n${total('passed')} passed, ${total('failed')} failed\n`);
process.exit(total('failed') === 0 ? 0 : 1);

// A suite that could not even report counts as one failure, and so does a file that did not load.
function countsOf(file, status) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: report.numPendingTests,
  };
}
