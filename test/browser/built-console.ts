import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = process.cwd();
const sources = join(root, 'apps/console/web');
export const builtConsole = join(root, 'dist/console');

/** Builds the console when it was never built or its sources have moved on since. */
export async function buildConsoleIfStale(): Promise<void> {
  const built = modifiedAt(join(builtConsole, 'index.html'));
  if (built !== undefined && built >= newestUnder(sources)) return;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', sources, '--logLevel', 'warn'], { cwd: root });
}

function newestUnder(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

const modifiedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
