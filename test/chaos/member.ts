import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashPlan, FromProcess, Orders, RawRecord, ToProcess } from './messages.js';

const program = join(import.meta.dirname, 'process.js');
type Kind<K> = Extract<FromProcess, { readonly kind: K }>;

/** A process that has loaded everything and waits for its orders: what a restart costs is then the product's own. */
class Warm {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  /** The last of what it wrote to stderr. */
  readonly said: string[] = [];

  constructor() {
    this.child = fork(program, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { PATH: process.env['PATH'] } });
    this.child.stderr!.on('data', (text: Buffer) => {
      this.said.push(text.toString());
      if (this.said.length > 20) this.said.shift();
    });
    this.ready = new Promise((ready, failed) => {
      this.child.once('message', () => ready());
      this.child.once('exit', (code) =>
        failed(new Error(`a process ended with ${code} while loading: ${this.said.join('')}`)),
      );
    });
    this.ready.catch(() => {});
  }
}

export class WarmPool {
  private readonly waiting: Warm[] = [];

  constructor(private readonly size: number) {
    this.fill();
  }

  take(): Warm {
    const warm = this.waiting.shift() ?? new Warm();
    this.fill();
    return warm;
  }

  close(): void {
    for (const { child } of this.waiting.splice(0)) child.kill('SIGKILL');
  }

  private fill(): void {
    while (this.waiting.length < this.size) this.waiting.push(new Warm());
  }
}

export interface Death {
  /** Named point, or null for one from outside. */
  readonly point: string | null;
  readonly at: number;
}

/** One process of a world while it lives. */
export class Member {
  url: string | null = null;
  points: readonly string[] = [];
  decidedUpTo = 0;
  folded = 0;
  failure: string | null = null;
  readonly started: Promise<boolean>;
  readonly gone: Promise<Death>;
  alive = true;
  private asks = 0;
  private readonly answers = new Map<number, (answer: Kind<'answer'>) => void>();
  private readonly child: ChildProcess;
  onDecided: (upTo: number) => void = () => {};

  constructor(
    readonly name: string,
    { child, ready, said }: Warm,
    private readonly orders: Orders,
  ) {
    this.child = child;
    let tellStarted: (started: boolean) => void;
    this.started = new Promise((resolve) => (tellStarted = resolve));
    this.gone = new Promise((resolve) => {
      const onExit = (code: number | null): void => {
        this.alive = false;
        if (code !== null && code !== 0) this.failure ??= `ended with ${code}: ${said.join('')}`;
        tellStarted(false);
        for (const [ask, done] of this.answers) done({ kind: 'answer', ask, ok: false, rows: ['gone'] });
        const point = existsSync(orders.deathsFile) ? readFileSync(orders.deathsFile, 'utf8').trim() : '';
        rmSync(orders.deathsFile, { force: true });
        resolve({ point: point === '' ? null : point, at: performance.now() });
      };
      // One that failed while it was loading may be gone before anybody takes it.
      if (child.exitCode === null) child.once('exit', onExit);
      else queueMicrotask(() => onExit(child.exitCode));
    });
    child.on('message', (message: FromProcess) => {
      if (message.kind === 'started') {
        this.url = message.url;
        this.points = message.points;
        tellStarted(true);
      }
      if (message.kind === 'decided') {
        this.decidedUpTo = message.upTo;
        this.onDecided(message.upTo);
      }
      if (message.kind === 'folded') this.folded += message.events;
      if (message.kind === 'failed') this.failure = message.reason;
      if (message.kind === 'answer') {
        this.answers.get(message.ask)?.(message);
        this.answers.delete(message.ask);
      }
    });
    ready.then(
      () => this.send({ kind: 'go', orders }),
      (error: unknown) => {
        // Killed while it was loading: that is our doing.
        if (child.signalCode === null) this.failure = String(error);
      },
    );
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Where it fell asleep; null while it has not. */
  sleepsAt(): string | null {
    const { deathsFile } = this.orders;
    if (!existsSync(deathsFile)) return null;
    const point = readFileSync(deathsFile, 'utf8').trim();
    rmSync(deathsFile);
    return point;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  crashAt(crash: CrashPlan | null): void {
    this.send({ kind: 'crash-at', crash });
  }

  send(message: ToProcess): void {
    if (this.child.connected) this.child.send(message, () => {});
  }

  /** True once it is durable. */
  async append(topic: string, records: readonly RawRecord[]): Promise<boolean> {
    return (await this.ask((ask) => ({ kind: 'append', ask, topic, records }))).ok;
  }

  /** Null when it could not be asked. */
  async sql(sql: string): Promise<readonly unknown[] | null> {
    const { ok, rows } = await this.ask((ask) => ({ kind: 'sql', ask, sql }));
    return ok ? rows : null;
  }

  async end(signal: NodeJS.Signals, boundMs = 15_000): Promise<void> {
    this.signal(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), boundMs);
    await this.gone;
    clearTimeout(late);
  }

  private ask(message: (ask: number) => ToProcess): Promise<Kind<'answer'>> {
    const ask = ++this.asks;
    if (!this.alive) return Promise.resolve({ kind: 'answer', ask, ok: false, rows: ['gone'] });
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve({ kind: 'answer', ask, ok: false, rows: ['late'] }), 10_000);
      this.answers.set(ask, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      this.send(message(ask));
    });
  }
}
