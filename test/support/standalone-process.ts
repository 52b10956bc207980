import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = join(process.cwd(), 'dist/apps/standalone/src/main.js');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The built app in a process of its own, which can be killed and started again on the same folder. */
export class StandaloneProcess {
  private running: ChildProcess | undefined;

  constructor(
    private readonly dataDir: string,
    private readonly env: Readonly<Record<string, string>> = {},
  ) {}

  static prepare(): void {
    if (!existsSync(program)) spawnSync(process.execPath, ['tools/prepare.mjs'], { stdio: 'inherit' });
  }

  /** Answers with the address of its API once it has started. */
  async start(): Promise<string> {
    const port = await freePort();
    const child = spawn(process.execPath, [program], {
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: this.dataDir,
        HTTP_PORT: String(port),
        METRICS_PORT: '0',
        PROGRESS_MS: '50',
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.running = child;
    await new Promise<void>((started, failed) => {
      child.once('exit', (code) => failed(new Error(`the process ended with ${code} before it had started`)));
      createInterface(child.stdout).on('line', (line) => {
        if (line.includes('"event":"started"')) started();
      });
    });
    return `http://127.0.0.1:${port}`;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.running;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }
}
