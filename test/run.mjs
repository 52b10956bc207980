#!/usr/bin/env node
// Runs every suite, one after the other (they share two cores and one broker), and sums up.
// `node test/run.mjs unit acceptance` runs only those.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withMemoryFolder } from './support/memory-folder.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const suites = {
  unit: ['libs', 'apps'],
  contract: ['test/contract'],
  property: ['test/property', 'test/support', 'test/bench'],
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
const rows = [];
for (const [name, folders] of Object.entries(suites)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  if (present.length === 0) continue;
  process.stdout.write(`\n== ${name} ==\n`);
  const outputFile = join(results, `${name}.json`);
  const startedAt = performance.now();
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const { status } = spawnSync(
    process.execPath,
    [
      ...jest,
      '--runInBand',
      '--passWithNoTests',
      '--forceExit',
      '--json',
      `--outputFile=${outputFile}`,
      '--',
      ...present,
    ],
    { cwd: root, env: withMemoryFolder(process.env), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  rows.push({ name, seconds: (performance.now() - startedAt) / 1000, ...countsOf(outputFile, status) });
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
