#!/usr/bin/env node
// `npm run chaos -- --minutes 10 --seed 1`: breaks Churnwatch for that long and holds what is left against what was sent.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withMemoryFolder } from '../support/memory-folder.mjs';
import { compile, root } from './compile.mjs';

const builds = join(root, '.churnwatch', 'chaos');
mkdirSync(builds, { recursive: true });
const build = mkdtempSync(join(builds, 'build-'));
const forget = () => rmSync(build, { recursive: true, force: true });
try {
  await compile(build);
} catch (error) {
  forget();
  throw error;
}
const run = spawn(process.execPath, [join(build, 'test/chaos/main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: withMemoryFolder(process.env),
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => run.kill(signal));
run.once('exit', (code) => {
  forget();
  process.exit(code ?? 1);
});
