#!/usr/bin/env node
// Makes a fresh clone ready: installs what the lock file names and builds what is older than its sources.
// Runs before anything is installed, so it may only use what Node brings along.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Churnwatch needs Node 20.19 or newer; this is ${process.version}.`);

const installed = join(root, 'node_modules', '.churnwatch-installed');
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
  // Not `npm ci`: it refuses a lock file that leaves out other platforms' optional binaries, as registries' mirrors
  // make them. This takes the same versions from it.
  step('install', 'npm', ['install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error']);
  writeFileSync(installed, lock);
}

const built = join(root, 'dist', '.churnwatch-built');
const sources = ['apps', 'libs', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'package.json'];
const newest = Math.max(...sources.map((path) => newestIn(join(root, path))));
if (!existsSync(built) || statSync(built).mtimeMs < newest) {
  step('build', 'npm', ['run', '--silent', 'build']);
  writeFileSync(built, new Date().toISOString());
}

function newestIn(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

function step(name, command, args) {
  process.stdout.write(`${name}: ${command} ${args.join(' ')} ...`);
  const startedAt = performance.now();
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1e8,
    ...shell(),
  });
  if (error || status !== 0) {
    const again = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...shell() });
    if (again.status !== 0) fail(`\n${name} failed: ${command} ${args.join(' ')}`);
  }
  process.stdout.write(` ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

// npm is a script on Windows.
function shell() {
  return process.platform === 'win32' ? { shell: true } : {};
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
