// Node 20 cannot run TypeScript by itself; Vite, which builds the console, can.
import { runnerImport } from 'vite';

const [url, path, ...look] = process.argv.slice(2);
if (!url || !path) {
  process.stderr.write('usage: npm run screenshot -- URL OUTPUT.png [WIDTHxHEIGHT] [dark]\n');
  process.exit(2);
}
const { module } = await runnerImport(new URL('./screenshot.ts', import.meta.url).pathname, { configFile: false });
await module.screenshot(url, path, ...look);
