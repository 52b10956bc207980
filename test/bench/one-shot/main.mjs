// Node 20 cannot run TypeScript by itself; Vite, which builds the console, can.
import { runnerImport } from 'vite';

const { module } = await runnerImport(new URL('./customers.ts', import.meta.url).pathname, { configFile: false });
process.exit(await module.oneShot(process.argv.slice(2)));
