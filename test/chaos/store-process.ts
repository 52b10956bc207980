/** A process that is the store: `store-process.js FOLDER PORT`. */
import { startStoreServer } from './store-server.js';

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
const [folder, port] = process.argv.slice(2) as [string, string];
const server = await startStoreServer(folder, Number(port));
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
process.send!('ready');
