// Node 20 cannot run TypeScript by itself; Vite, which builds the console, can.
import { readdirSync } from 'node:fs';
import { runnerImport } from 'vite';

const folder = new URL('.', import.meta.url).pathname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(
    `usage: npm run bench -- ${names.join(' | ')} [--pairs 5] [--out FILE.json] [its own options]\n`,
  );
  process.exit(2);
}
const load = async (file) => (await runnerImport(`${folder}${file}`, { configFile: false })).module;
const { compare } = await load('compare.ts');
const { benchmark } = await load(`${name}.bench.ts`);
process.exit(await compare(benchmark, args));
