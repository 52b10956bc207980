import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Figures {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly activeParts: number;
  readonly parts: number;
  readonly storedBytes: number;
  readonly loopP99Ms: number;
  readonly tracked: number;
  /** How far the sentinel's decisions are behind the wall clock; null before the first. */
  readonly behindMs: number | null;
  readonly admitted: number;
  readonly folded: number;
  readonly rejected: number;
  readonly moved: number;
  readonly attempted: number;
  readonly evaluations: number;
}

export interface Stored {
  readonly rows: number;
  readonly ids: number;
  readonly inHours: number;
  readonly inDays: number;
  readonly deadLetters: number;
}

const answerWithinMs = 120_000;

/** The app in a child process on data of its own, and what it says of itself. */
export class AppProcess {
  readonly url: string;
  readonly #asked = new Map<number, (answer: { readonly answer?: unknown; readonly error?: string }) => void>();
  #next = 0;
  #ended = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly dataDir: string,
    url: string,
  ) {
    this.url = url;
    child.on('message', (message: { readonly id: number; readonly answer?: unknown; readonly error?: string }) =>
      this.#asked.get(message.id)?.(message),
    );
    child.once('exit', (code, signal) => {
      this.#ended = true;
      for (const tell of this.#asked.values()) tell({ error: `the app ended with ${code ?? signal}` });
    });
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    const dataDir = mkdtempSync(join(tmpdir(), 'churnwatch-soak-'));
    const child = fork(join(process.cwd(), 'test', 'bench', 'soak', 'app.mjs'), {
      env: { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir, HTTP_PORT: '0', METRICS_PORT: '0', ...env },
      execArgv: [],
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the app ended with ${code} before it had started`);
    });
    const [{ url }] = (await Promise.race([once(child, 'message'), ended])) as [{ readonly url: string }];
    ended.catch(() => {});
    return new AppProcess(child, dataDir, url);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get isRunning(): boolean {
    return !this.#ended;
  }

  figures(): Promise<Figures> {
    return this.#ask('figures');
  }

  counts(): Promise<Pick<Figures, 'admitted' | 'folded' | 'rejected' | 'moved' | 'attempted' | 'evaluations'>> {
    return this.#ask('counts');
  }

  stored(): Promise<Stored> {
    return this.#ask('stored');
  }

  /** Ends it the orderly way and removes its data. */
  async remove(): Promise<void> {
    if (!this.#ended) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #ask<T>(what: string): Promise<T> {
    if (this.#ended) throw new Error('the app has ended');
    const id = (this.#next += 1);
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<{ readonly answer?: unknown; readonly error?: string }>((resolve) => {
      timer = setTimeout(() => resolve({ error: `no answer to "${what}" in time` }), answerWithinMs);
      this.#asked.set(id, resolve);
      this.child.send({ id, what });
    });
    clearTimeout(timer);
    this.#asked.delete(id);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.answer as T;
  }
}
