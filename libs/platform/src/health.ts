export interface HealthCheck {
  readonly name: string;
  /** Default 2 s. A check that takes longer has failed. */
  readonly boundMs?: number;
  /**
   * Rejects when the thing is not usable. A text it answers is a detail of something usable that needs looking at.
   * Either is shown to operators, so no secrets in it.
   */
  run(signal: AbortSignal): Promise<unknown>;
}

export interface HealthReport {
  readonly status: 'ok' | 'failing';
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}

const defaultBoundMs = 2_000;

/**
 * What the three probes answer. `live` never looks at anything outside the process: restarting us heals no broker.
 * `startup` turns ok once and stays so. `ready` is all checks now, and failing from the moment we stop.
 */
export class Health {
  private readonly checks: HealthCheck[] = [];
  private phase: 'starting' | 'running' | 'stopping' = 'starting';
  private underWay: Promise<HealthReport> | null = null;

  add(check: HealthCheck): void {
    this.checks.push(check);
  }
  started(): void {
    if (this.phase === 'starting') this.phase = 'running';
  }
  stopping(): void {
    this.phase = 'stopping';
  }

  live(): HealthReport {
    return { status: 'ok', checks: [] };
  }

  startup(): HealthReport {
    return this.phase === 'starting' ? refusal('starting') : { status: 'ok', checks: [] };
  }

  /** Probes that come while one is being answered share its answer, so that a stuck check is never run in heaps. */
  ready(): Promise<HealthReport> {
    if (this.phase !== 'running') return Promise.resolve(refusal(this.phase));
    this.underWay ??= this.runAll().finally(() => {
      this.underWay = null;
    });
    return this.underWay;
  }

  private async runAll(): Promise<HealthReport> {
    const checks = await Promise.all(this.checks.map(runBounded));
    if (this.phase !== 'running') return refusal(this.phase);
    return { status: checks.every(({ ok }) => ok) ? 'ok' : 'failing', checks };
  }
}

function refusal(phase: string): HealthReport {
  return { status: 'failing', checks: [{ name: 'process', ok: false, detail: phase }] };
}

async function runBounded(check: HealthCheck): Promise<HealthReport['checks'][number]> {
  const boundMs = check.boundMs ?? defaultBoundMs;
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${boundMs} ms`)), boundMs);
  });
  try {
    const told = await Promise.race([Promise.resolve().then(() => check.run(abort.signal)), bound]);
    const detail = typeof told === 'string' && told !== '' ? { detail: told } : {};
    return { name: check.name, ok: true, ...detail };
  } catch (error) {
    return { name: check.name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
