import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { Finding } from './finding.js';
import { ill, messageOf, well } from './finding.js';

const oldestNode = [20, 19] as const;
const leastFreeBytes = 2 * 1024 ** 3;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (fits) return well('Node', version);
  return ill('Node', version, `install Node ${oldestNode.join('.')} or later`);
}

export async function checkDataDir(folder: string, leastBytes: number = leastFreeBytes): Promise<Finding> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    return ill('DATA_DIR', messageOf(error), `make ${path} writable for this user, or set DATA_DIR to another folder`);
  }
  const { bavail, bsize } = await statfs(path);
  const freeGiB = ((bavail * bsize) / 1024 ** 3).toFixed(1);
  if (bavail * bsize < leastBytes) {
    return ill('DATA_DIR', `${freeGiB} GiB free in ${path}`, 'free some space, or set DATA_DIR to a larger disk');
  }
  return well('DATA_DIR', `${path}, ${freeGiB} GiB free`);
}

export async function checkPort(name: string, host: string, port: number): Promise<Finding> {
  if (port === 0) return well(name, 'any free port');
  const server = createServer();
  try {
    await new Promise<void>((done, failed) => {
      server.once('error', failed);
      server.listen(port, host, done);
    });
    return well(name, `${host}:${port} is free`);
  } catch (error) {
    return ill(name, messageOf(error), `stop what listens on ${host}:${port}, or set ${name} to another port`);
  } finally {
    server.close();
  }
}
